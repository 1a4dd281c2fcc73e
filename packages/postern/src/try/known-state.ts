import { type History, openHistory } from "@postern/filter-runtime";
import { type Clock, unreachable } from "@postern/smtp-filter";
import { openStateReader, type StateReader } from "@postern/state-store";
import type { Config } from "../config/config-types.ts";
import type { State } from "../config/state.ts";
import { nameOfState } from "../configured-store.ts";

/** What `try` says of the store; also the `state` of its JSON (docs/commands.md). */
export interface StateReport {
  /** As `state:` names it, without a password. */
  readonly place: string;
  /** Whether the verdict rests on what it holds. */
  readonly isRead: boolean;
  /** Why not; null where it was read. */
  readonly reason: string | null;
  /** Since when something is learned there, in whole days; null: not known. */
  readonly learningDays: number | null;
  /** When anything was last written there (RFC 3339); null: not known. */
  readonly lastWritten: string | null;
}

/** What a daemon has learned, for one conversation; nothing of it is changed. */
export interface KnownState extends AsyncDisposable {
  /** null: judged without. */
  readonly history: History | null;
  /** After the conversation was judged. */
  report(): StateReport;
}

/** Opens the store of the configuration to read; one that cannot be read says why in its report. Never rejects. */
export async function openKnownState(
  config: Pick<Config, "state" | "policy">,
  clock: Clock,
): Promise<KnownState> {
  const { state } = config;
  const reader = await openReader(config);
  if (typeof reader === "string") return unknownState(state, `${reader}${whereElse(state)}`);
  let fault: string | null = null;
  const history = openHistory(
    {
      async read(keys) {
        const found = await reader.read(keys);
        if (found.kind === "unavailable") fault = found.reason;
        return found;
      },
      write() {},
    },
    clock,
  );
  return {
    history,
    report: () => ({
      place: nameOfState(state),
      isRead: fault === null,
      reason: fault,
      learningDays: history.learningDays() ?? null,
      lastWritten:
        reader.lastWrittenMs === null ? null : new Date(reader.lastWrittenMs).toISOString(),
    }),
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

/** Of a store that is left out (`--fresh`), or cannot be read. */
export function unknownState(state: State, reason: string): KnownState {
  return {
    history: null,
    report: () => ({
      place: nameOfState(state),
      isRead: false,
      reason,
      learningDays: null,
      lastWritten: null,
    }),
    async [Symbol.asyncDispose]() {},
  };
}

async function openReader({
  state,
  policy,
}: Pick<Config, "state" | "policy">): Promise<StateReader | string> {
  if (policy.reputation === undefined) return `the policy ${policy.name} learns nothing`;
  switch (state.kind) {
    case "none":
      return "nothing is learned";
    case "memory":
      return "only the daemon itself sees it";
    case "sqlite":
    case "redis": {
      const reader = await openStateReader(state);
      return "reason" in reader ? reader.reason : reader;
    }
    default:
      return unreachable(state);
  }
}

/** Each user has a default place of its own, and the daemon is another user. */
function whereElse(state: State): string {
  if (state.kind !== "sqlite" || state.isDefault !== true) return "";
  return "; that is this user's own place, as the configuration names none: where the daemon keeps another, write state: sqlite:/var/lib/postern/state.db";
}
