import type { ServerEvent } from "@postern/exim-adapter";
import { unreachable } from "@postern/filter-core";
import { type Announce, inOneLine } from "../wire-up.ts";

/** Says what an operator should know of a listener for Exim. Port scans and health checks are not worth a line. */
export function announceEximEvent(event: ServerEvent, announce: Announce): void {
  const text = describe(event);
  if (text !== undefined) announce(`exim: ${text}`);
}

function describe(event: ServerEvent): string | undefined {
  switch (event.kind) {
    case "protocol-error":
      return event.dialect === null
        ? undefined
        : `closed ${event.peer}: ${event.message} (first bytes ${event.firstBytesHex})`;
    case "handler-error":
      return `a failure of ours at ${event.stage}: ${inOneLine(event.error)}`;
    case "deadline":
      return `no answer to ${event.stage} within ${event.deadlineMs} ms`;
    case "message-too-large":
      return `a message of ${event.bytes} bytes was not looked at: ${event.limit} are`;
    case "too-many-recipients":
      return `a message with more than ${event.limit} recipients: the others were not asked about`;
    case "fields-lost":
      return `${event.fields} header fields that nobody forged were removed with those that somebody did: no room to put them back`;
    case "fields-unsaid":
      return `${event.fields} header fields of ours had no room in an answer`;
    case "edit-dropped":
      return `a header field of ours has a name that is none: ${inOneLine(event.name)}`;
    case "refused-connection":
      return `${event.peer} is not in allowRemote: closed`;
    case "over-limit":
      return `${event.limit} connections are open: closed ${event.peer}`;
    case "listener-error":
      return `the system refused a connection: ${inOneLine(event.error)}`;
    case "late-answer":
    case "peer-deadline":
      return undefined;
    case "internal-error":
      return `a failure of ours, closed ${event.peer}: ${inOneLine(event.error)}`;
    default:
      return unreachable(event);
  }
}
