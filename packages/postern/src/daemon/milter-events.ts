import { unreachable } from "@postern/filter-core";
import type { ServerEvent } from "@postern/milter-adapter";
import { type Announce, inOneLine } from "../wire-up.ts";

/** Says what an operator should know of a milter listener. Port scans and health checks are not worth a line. */
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
      return `${event.peer} does not offer ${event.names.join(", ")}: mail goes on without`;
    case "handler-error":
      return `a failure of ours at ${event.command}: ${inOneLine(event.error)}`;
    case "deadline":
      return `no answer to ${event.command} within ${event.deadlineMs} ms`;
    case "edit-not-negotiated":
      return `${event.peer} does not let us ${event.edit} header fields`;
    case "refused-connection":
      return `${event.peer} is not in allowRemote: closed`;
    case "over-limit":
      return `${event.limit} connections are open: closed ${event.peer}`;
    case "listener-error":
      return `the system refused a connection: ${inOneLine(event.error)}`;
    case "out-of-order":
    case "late-answer":
    case "header-dropped":
    case "peer-deadline":
    case "not-reading":
      return undefined;
    case "internal-error":
      return `a failure of ours, closed ${event.peer}: ${inOneLine(event.error)}`;
    default:
      return unreachable(event);
  }
}
