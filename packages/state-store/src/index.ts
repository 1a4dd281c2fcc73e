/**
 * Rows of named numbers that outlive a mail: what a mail server learned about those who write to it. One port, three
 * backends: memory, an SQLite file that several processes may share, Redis or Valkey. What the numbers mean is the
 * caller's affair. This package must never hold up a mail, throw at whoever judges one, or end the process.
 */
export type { Clock } from "./clock.ts";
export { openStateReader, type ReaderOptions, type StateReader } from "./open-reader.ts";
export { openStateStore, type StoreOptions, type StoreSpec } from "./open-store.ts";
export type {
  Change,
  Fields,
  Found,
  Listed,
  ListedRow,
  Rank,
  StateStore,
  StoreCounters,
  StoreEvent,
} from "./port.ts";
