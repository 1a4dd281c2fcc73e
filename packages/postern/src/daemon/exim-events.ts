import type { ServerEvent } from "@postern/exim-adapter";
import { unreachable } from "@postern/smtp-filter";
import { type Announce, inOneLine } from "../wire-up.ts";

/** Logs the events of a listener for Exim that matter to an operator; port scans and health checks do not. */
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
      return `an internal error at ${event.stage}: ${inOneLine(event.error)}`;
    case "deadline":
      return `no verdict at ${event.stage} within ${event.deadlineMs} ms`;
    case "message-too-large":
      return `a message of ${event.bytes} bytes was not checked: the limit is ${event.limit} bytes`;
    case "too-many-recipients":
      return `a message has more than ${event.limit} recipients: the others were not checked`;
    case "fields-lost":
      return `${event.fields} genuine header fields were removed together with forged ones of the same name: there was no room to restore them`;
    case "fields-unsaid":
      return `${event.fields} header fields of ours were left out: the answer had no room for them`;
    case "edit-dropped":
      return `a header field of ours was left out, its name is invalid: ${inOneLine(event.name)}`;
    case "refused-connection":
      return `closed ${event.peer}: it is not in allowRemote`;
    case "listener-error":
      return `cannot accept a connection: ${inOneLine(event.error)}`;
    case "late-answer":
    case "peer-deadline":
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
