import { asFault, type RowsRead } from "./backend.ts";
import { type Clock, systemClock } from "./clock.ts";
import { within } from "./guard/within.ts";
import type { StoreSpec } from "./open-store.ts";
import type { Found } from "./port.ts";
import { openRedis } from "./redis/open-redis.ts";
import { visitFile } from "./sqlite/visit-file.ts";

/** What others have written, and nobody writes through this. */
export interface StateReader extends AsyncDisposable {
  /** Never rejects. */
  read(keys: readonly string[]): Promise<Found>;
  /** When a row was last written, in milliseconds since 1970; null where that is not kept. */
  readonly lastWrittenMs: number | null;
}

export interface ReaderOptions {
  /** What one read may take. Default 3 s: a person waits. */
  readonly deadlineMs?: number;
  readonly clock?: Clock;
}

/** Of one that cannot be read: why, and what to do. */
export interface Unavailable {
  readonly kind: "unavailable";
  readonly reason: string;
}

const DEADLINE_MS = 3_000;

/** What a store is read by. */
export interface Visited {
  /** @throws {StoreFault} */
  read(keys: readonly string[]): Promise<RowsRead>;
  /** In seconds since 1970. @throws {StoreFault} */
  lastWritten(): Promise<number | null>;
  close(): Promise<void>;
}

/**
 * Opens a store that another process keeps, strictly to read: no file is made or changed, nothing is sent that writes.
 * Never rejects.
 */
export async function openStateReader(
  spec: Exclude<StoreSpec, { kind: "memory" }>,
  { deadlineMs = DEADLINE_MS, clock = systemClock }: ReaderOptions = {},
): Promise<StateReader | Unavailable> {
  const visited = await visit(spec, clock);
  const inTime = async <T>(work: () => Promise<T>): Promise<Unavailable | { value: T }> => {
    const outcome = await within(clock, deadlineMs, work);
    if (outcome.kind === "done") return { value: outcome.value };
    const reason =
      outcome.kind === "late"
        ? `no answer within ${deadlineMs / 1000} s`
        : asFault(outcome.error).message;
    return { kind: "unavailable", reason };
  };
  const last = await inTime(() => visited.lastWritten());
  if (!("value" in last)) {
    await visited.close();
    return last;
  }
  return {
    lastWrittenMs: last.value === null ? null : last.value * 1000,
    async read(keys) {
      const read = await inTime(() => visited.read(keys));
      return "value" in read ? { kind: "found", rows: read.value.rows } : read;
    },
    [Symbol.asyncDispose]: () => visited.close(),
  };
}

async function visit(spec: Exclude<StoreSpec, { kind: "memory" }>, clock: Clock): Promise<Visited> {
  if (spec.kind === "sqlite") return visitFile(spec.path, clock);
  const server = await openRedis(spec.url, clock);
  return {
    read: (keys) => server.read(keys),
    // Not kept there; but a server that is not there is known at once.
    lastWritten: async () => {
      await server.read(["probe"]);
      return null;
    },
    close: () => server.close(),
  };
}
