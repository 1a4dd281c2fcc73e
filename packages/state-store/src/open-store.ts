import type { Backend } from "./backend.ts";
import { type Clock, systemClock } from "./clock.ts";
import { GuardedStore } from "./guard/guarded-store.ts";
import { MemoryBackend } from "./memory/memory-backend.ts";
import type { StateStore, StoreEvent } from "./port.ts";
import { openRedis } from "./redis/open-redis.ts";
import { SqliteBackend } from "./sqlite/sqlite-backend.ts";
import { unreachable } from "./unreachable.ts";

/** Where the rows are kept; what `state:` in postern.yaml is read as. */
export type StoreSpec =
  | { readonly kind: "memory" }
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "redis"; readonly url: string };

export interface StoreOptions {
  /** Rows at most, in memory and in a file; Redis has its own bound. Default 1,000,000. */
  readonly maxKeys?: number;
  /** Default 50 ms. A command that shows something can wait longer. */
  readonly readDeadlineMs?: number;
  /** What opening may take; it goes on behind that, and the store is down until it is done. Default 2 s. */
  readonly beginDeadlineMs?: number;
  /** Changes that may wait to be written. Default 10,000. */
  readonly maxQueued?: number;
  readonly onEvent?: (event: StoreEvent) => void;
  readonly clock?: Clock;
}

const BEGIN_DEADLINE_MS = 2_000;

/**
 * Opens a store. One that cannot be used is opened all the same, is down, says so in an event, and is tried again every
 * five seconds.
 */
export async function openStateStore(
  spec: StoreSpec,
  options: StoreOptions = {},
): Promise<StateStore> {
  const { clock = systemClock, maxKeys = 1_000_000 } = options;
  const store = new GuardedStore(await openBackend(spec, maxKeys, clock), {
    clock,
    readDeadlineMs: options.readDeadlineMs ?? 50,
    maxQueued: options.maxQueued ?? 10_000,
    onEvent: options.onEvent ?? (() => {}),
  });
  await store.begin(options.beginDeadlineMs ?? BEGIN_DEADLINE_MS);
  return store;
}

async function openBackend(spec: StoreSpec, maxKeys: number, clock: Clock): Promise<Backend> {
  switch (spec.kind) {
    case "memory":
      return new MemoryBackend(maxKeys, clock);
    case "sqlite":
      return new SqliteBackend(spec.path, maxKeys, clock);
    case "redis":
      return openRedis(spec.url, clock);
    default:
      return unreachable(spec);
  }
}
