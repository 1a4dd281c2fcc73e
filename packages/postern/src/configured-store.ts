import { accessSync, constants, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type History, keepMarkKey, type MarkKeeper, openHistory } from "@postern/filter-runtime";
import { type Clock, unreachable } from "@postern/smtp-filter";
import { openStateStore, type StateStore, type StoreEvent } from "@postern/state-store";
import type { Config } from "./config/config-types.ts";
import { codeOf } from "./config/read-file.ts";
import type { State } from "./config/state.ts";
import type { Announce } from "./wire-up.ts";

/** The store of the configuration, and what is remembered in it. */
export interface ConfiguredStore {
  readonly history: History | null;
  /** null: nothing is learned. */
  readonly store: StateStore | null;
  /** By which marks on messages are known to be about ours; null: there are none. */
  readonly markKeeper: MarkKeeper | null;
  /** Writes what is queued. */
  close(): Promise<void>;
}

/**
 * Opens the store that the configuration names, and says in one line where what is learned is kept. A store that cannot
 * be used says so instead, and is tried again by itself.
 */
export async function openConfiguredStore(
  { state, limits }: Pick<Config, "state" | "limits">,
  announce: Announce,
  clock: Clock,
): Promise<ConfiguredStore> {
  if (state.kind === "none") {
    announce("nothing is learned about senders: state is none");
    return { history: null, store: null, markKeeper: null, close: async () => {} };
  }
  const { spec, why } = withFolder(state);
  const onEvent = (event: StoreEvent): void => announceStoreEvent(event, announce);
  const store: StateStore = await openStateStore(spec, {
    readDeadlineMs: limits.stateDeadlineMs,
    clock,
    onEvent,
  });
  const markKeeper = keepMarkKey(store, clock);
  // One that is down has said so.
  if (store.counters().state === "up") {
    await atMost(MARK_KEY_MS, markKeeper.agree(), clock);
    announce(
      spec.kind === "memory"
        ? `learned reputation is kept in memory, and lost at a restart${why === null ? "" : `: ${why}`}`
        : `learned reputation is kept in ${nameOfState(spec)}`,
    );
  }
  return { history: openHistory(store, clock), store, markKeeper, close: () => store.close() };
}

/** So long a slow store holds up the start; what is delivered before the key is known cannot be marked. */
const MARK_KEY_MS = 2_000;

async function atMost(ms: number, work: Promise<void>, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(ms, resolve);
  await Promise.race([work, promise]);
  cancel();
}

/** A place for state that can be used, and why it is not the one of the configuration; null: it is. */
export interface UsableState {
  readonly spec: Exclude<State, { kind: "none" }>;
  readonly why: string | null;
}

/** Makes the folder of a file. The default one may be out of reach, as for a user without a home: memory then. */
export function withFolder(state: Exclude<State, { kind: "none" }>): UsableState {
  if (state.kind !== "sqlite") return { spec: state, why: null };
  const folder = dirname(state.path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o770 });
    accessSync(folder, constants.W_OK | constants.X_OK);
    return { spec: state, why: null };
  } catch (error) {
    if (state.isDefault !== true) return { spec: state, why: null };
    const why = `${folder} ${whyUnwritable(error)}; set state: sqlite:/var/lib/postern/state.db`;
    return { spec: { kind: "memory" }, why };
  }
}

/** As it is written in `postern.yaml`, without a password. */
export function nameOfState(state: State): string {
  switch (state.kind) {
    case "none":
      return "none";
    case "memory":
      return "memory:";
    case "sqlite":
      return `sqlite:${state.path}`;
    case "redis": {
      const { protocol, host, pathname } = new URL(state.url);
      return `${protocol}//${host}${pathname}`;
    }
    default:
      return unreachable(state);
  }
}

function whyUnwritable(error: unknown): string {
  const code = codeOf(error);
  if (code === "EACCES" || code === "EPERM")
    return "cannot be written by this user (permission denied)";
  return `cannot be created or written: ${code ?? String(error)}`;
}

function announceStoreEvent(event: StoreEvent, announce: Announce): void {
  switch (event.kind) {
    case "down":
      announce(`${event.store} cannot be used; mail is judged without it: ${event.reason}`);
      break;
    case "up":
      announce(`${event.store} works again after ${Math.round(event.downMs / 1000)} s`);
      break;
    case "dropping":
      announce(
        `${event.store} is too slow: changes beyond ${event.limit} in the queue are dropped`,
      );
      break;
    case "bad-row":
      announce(`${event.store} has a row that is not valid: ${event.reason}`);
      break;
  }
}
