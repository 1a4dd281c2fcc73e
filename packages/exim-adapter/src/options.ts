import { type Clock, type Open, systemClock } from "@postern/smtp-filter";
import { ByteAccount } from "@postern/smtp-filter/serve";
import type { ServerEvent } from "./events.ts";

/** How requests are answered. Only `open` must be given. */
export interface AnswerOptions {
  /** Called for each SMTP session; what it gives decides. */
  readonly open: Open;
  /** What is answered when the port throws, or does not answer in time. Default `accept`: go on without it. */
  readonly onFailure?: "accept" | "tempfail";
  /** Guard above the deadlines of the port's own, for a question of one line. Default 9,000. */
  readonly commandDeadlineMs?: number;
  /** The same for the end of a message. Default 65,000. */
  readonly messageDeadlineMs?: number;
  /** A larger message is not scanned. Default 64 MiB. */
  readonly maxMessageBytes?: number;
  /** SMTP sessions that are remembered; the one that is idle the longest is forgotten first. Default 10,000. */
  readonly maxSessions?: number;
  /** How long an idle SMTP session is remembered. Default 600,000. */
  readonly sessionIdleMs?: number;
  /** What remembered sessions may hold, shared with other servers. Default: 32 MiB of its own. */
  readonly sessionAccount?: ByteAccount;
  /** Receives every event; the adapter logs nothing itself. */
  readonly onEvent?: (event: ServerEvent) => void;
  /** Instead of the machine's: for tests. */
  readonly clock?: Clock;
}

/** Options with nothing left open. */
export type Settings = Required<AnswerOptions>;

const MAX_SESSION_BYTES = 32 << 20;

/** Fills in the defaults. */
export function settingsOf(options: AnswerOptions): Settings {
  return {
    open: options.open,
    onFailure: options.onFailure ?? "accept",
    commandDeadlineMs: options.commandDeadlineMs ?? 9000,
    messageDeadlineMs: options.messageDeadlineMs ?? 65_000,
    maxMessageBytes: options.maxMessageBytes ?? 64 << 20,
    maxSessions: options.maxSessions ?? 10_000,
    sessionIdleMs: options.sessionIdleMs ?? 600_000,
    sessionAccount: options.sessionAccount ?? new ByteAccount(MAX_SESSION_BYTES),
    onEvent: options.onEvent ?? (() => {}),
    clock: options.clock ?? systemClock,
  };
}
