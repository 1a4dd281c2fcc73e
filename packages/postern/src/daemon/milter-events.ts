import type { ServerEvent } from "@postern/milter-adapter";
import { unreachable } from "@postern/smtp-filter";
import { type Announce, inOneLine } from "../wire-up.ts";

/** Logs the events of a milter listener that matter to an operator; port scans and health checks do not. */
export function announceEvent(event: ServerEvent, announce: Announce): void {
  const text = describe(event);
  if (text !== undefined) announce(`milter: ${text}`);
}

function describe(event: ServerEvent): string | undefined {
  switch (event.kind) {
    case "protocol-error":
      return event.state === "new"
        ? undefined
        : `closed ${event.peer} in state ${event.state}: ${event.message} (first bytes ${event.firstBytesHex})`;
    case "missing-actions":
      return `${event.peer} does not offer ${event.names.join(", ")}: mail is processed without`;
    case "handler-error":
      return `an internal error at ${event.command}: ${inOneLine(event.error)}`;
    case "deadline":
      return `no verdict at ${event.command} within ${event.deadlineMs} ms`;
    case "edit-not-negotiated":
      return `${event.peer} does not allow us to ${event.edit} header fields`;
    case "refused-connection":
      return `closed ${event.peer}: it is not in allowRemote`;
    case "listener-error":
      return `cannot accept a connection: ${inOneLine(event.error)}`;
    case "out-of-order":
    case "late-answer":
    case "header-dropped":
    case "peer-deadline":
    case "not-reading":
      return undefined;
    // Said once a minute, for all listeners together.
    case "over-limit":
    case "displaced":
    case "evicted":
      return undefined;
    case "internal-error":
      return `closed ${event.peer} after an internal error: ${inOneLine(event.error)}`;
    default:
      return unreachable(event);
  }
}
