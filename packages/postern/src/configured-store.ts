import { accessSync, constants, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type Clock, type History, openHistory } from "@postern/filter-runtime";
import { openStateStore, type StateStore, type StoreEvent } from "@postern/state-store";
import type { Config, State } from "./config/config-types.ts";
import { whyUnreadable } from "./config/read-file.ts";
import type { Announce } from "./wire-up.ts";

/** The store of the configuration, and what is remembered in it. */
export interface ConfiguredStore {
  readonly history: History | null;
  /** Writes what is queued. */
  close(): Promise<void>;
}

/** Opens the store that the configuration names; one that cannot be used says so, and is tried again by itself. */
export async function openConfiguredStore(
  { state, limits }: Pick<Config, "state" | "limits">,
  announce: Announce,
  clock: Clock,
): Promise<ConfiguredStore> {
  if (state.kind === "none") return { history: null, close: async () => {} };
  const spec = withFolder(state, announce);
  const onEvent = (event: StoreEvent): void => announceStoreEvent(event, announce);
  const store: StateStore = await openStateStore(spec, {
    readDeadlineMs: limits.stateDeadlineMs,
    clock,
    onEvent,
  });
  return { history: openHistory(store, clock), close: () => store.close() };
}

/** Makes the folder of a file. The default one may be out of reach, as for a user without a home: memory then. */
export function withFolder(
  state: Exclude<State, { kind: "none" }>,
  announce: Announce,
): Exclude<State, { kind: "none" }> {
  if (state.kind !== "sqlite") return state;
  const folder = dirname(state.path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o770 });
    accessSync(folder, constants.W_OK | constants.X_OK);
    return state;
  } catch (error) {
    if (state.isDefault !== true) return state;
    announce(
      `what is learned of senders is lost at a restart: ${folder} ${whyUnreadable(error)}; name a place with state: sqlite:/path/to.db`,
    );
    return { kind: "memory" };
  }
}

function announceStoreEvent(event: StoreEvent, announce: Announce): void {
  switch (event.kind) {
    case "down":
      announce(`${event.store} cannot be used, mail is judged without it: ${event.reason}`);
      break;
    case "up":
      announce(`${event.store} is there again after ${Math.round(event.downMs / 1000)} s`);
      break;
    case "dropping":
      announce(
        `${event.store} does not keep up: what is beyond ${event.limit} changes is not learned`,
      );
      break;
    case "bad-row":
      announce(`${event.store} holds a row that is none of ours: ${event.reason}`);
      break;
  }
}
