import type { FilterEvent } from "../events.ts";

/** An event in words for a log, or undefined where no operator can do anything about it. */
export function describeEvent(event: FilterEvent): string | undefined {
  switch (event.kind) {
    case "unreadable-line":
      return `smtpd sent ${event.why} (first bytes ${event.firstBytesHex})`;
    case "line-cut":
      return `smtpd sent a line longer than any of its own (first bytes ${event.firstBytesHex})`;
    case "old-protocol":
      return `smtpd speaks protocol ${event.version}, which was never released: OpenSMTPD 6.7 or later is needed`;
    case "out-of-order":
      return `session ${event.session}: ${event.what}`;
    case "double-answer":
      return `an internal error: a second answer to ${event.phase} in session ${event.session}`;
    case "deadline":
      return `no answer to ${event.what} within ${event.deadlineMs} ms`;
    case "engine-failed":
      return `an internal error at ${event.what}`;
    case "message-limit":
      return `session ${event.session}: message refused for its ${event.why}`;
    case "spool-error":
    case "internal-error":
      return `an internal error: ${describeError(event.error)}`;
    case "edit-dropped":
      return `a header field of ours has no name: ${event.name}`;
    case "over-limit":
      return `${event.limit} sessions are open: more pass unseen`;
    case "forgotten":
      return `smtpd never closed ${event.sessions} sessions`;
    case "late-answer":
      return undefined;
    default:
      return undefined;
  }
}

/** An error for one line of a log: its stack. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" | ");
}
