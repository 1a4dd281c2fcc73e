/**
 * What tests of filters, adapters and their parts share: a clock that moves when told to, seeded random numbers, a filter
 * that does as a script says, and one that does anything and notes what an adapter must not do to it.
 */

export { type FakeClock, fakeClock, settle } from "./testing/fake-clock.ts";
export { type PortScript, scriptedPort } from "./testing/port-script.ts";
export { Random } from "./testing/random.ts";
export { type Watched, WatchedPort, type WatchedTransaction } from "./testing/watched-port.ts";
