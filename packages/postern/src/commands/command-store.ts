import { openStateStore, type StateStore } from "@postern/state-store";
import type { Config } from "../config/config-types.ts";
import { withFolder } from "../configured-store.ts";

/** Why a command cannot get at what the daemon learned: exit 69. */
export class NoStoreError extends Error {
  override readonly name = "NoStoreError";
}

/** A person waits longer than a mail does. */
const DEADLINE_MS = 5_000;

/**
 * Opens the store of the configuration for a command.
 *
 * @throws {NoStoreError} if there is none that two processes can share.
 */
export async function openCommandStore({ state }: Config): Promise<StateStore> {
  if (state.kind === "none")
    throw new NoStoreError("state is none: nothing is learned, so there is nothing to show");
  const { spec, why } = withFolder(state);
  if (why !== null) throw new NoStoreError(why);
  if (spec.kind === "memory")
    throw new NoStoreError(
      "state is memory:, which only the daemon can read: set state: sqlite:/var/lib/postern/state.db",
    );
  return await openStateStore(spec, { readDeadlineMs: DEADLINE_MS });
}
