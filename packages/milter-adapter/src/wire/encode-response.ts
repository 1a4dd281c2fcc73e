import { unreachable } from "@postern/smtp-filter";
import { STAGE_NUMBERS } from "./negotiate.ts";
import { replyText } from "./reply-text.ts";
import type { Response } from "./response.ts";
import { type Field, frame, nulEnded } from "./writer.ts";

const LETTERS = {
  continue: "c",
  accept: "a",
  reject: "r",
  tempfail: "t",
  discard: "d",
  skip: "s",
  progress: "p",
  shutdown: "4",
  "connection-failed": "f",
} as const;

/**
 * Encodes what a filter answers, length field included (SMFIR_* of mfdef.h). Postfix checks every byte: what has no
 * payload is one letter, every string ends with its NUL.
 *
 * @throws {RangeError} if a reply code is not 400 to 599 or a header name is invalid: a bug of the caller.
 */
export function encodeResponse(response: Response): Uint8Array {
  switch (response.kind) {
    case "continue":
    case "accept":
    case "reject":
    case "tempfail":
    case "discard":
    case "skip":
    case "progress":
    case "shutdown":
    case "connection-failed":
      return frame(LETTERS[response.kind]);
    case "reply":
      return frame("y", `${replyText(response)}\0`);
    case "add-header":
      return frame("h", `${headerName(response.name)}\0`, `${headerValue(response.value)}\0`);
    case "insert-header":
      return frame("i", response.index, ...headerFields(response.name, response.value));
    case "change-header":
      return frame("m", response.ordinal, ...headerFields(response.name, response.value));
    case "replace-body":
      return frame("b", response.chunk);
    case "add-recipient":
      return frame("+", nulEnded(response.address));
    case "add-recipient-with-parameters":
      return frame("2", ...addressFields(response));
    case "delete-recipient":
      return frame("-", nulEnded(response.address));
    case "change-sender":
      return frame("e", ...addressFields(response));
    case "quarantine":
      return frame("q", nulEnded(response.reason));
    case "negotiate":
      return frame(
        "O",
        response.version,
        response.actions,
        response.protocol,
        ...response.macroLists.flatMap(({ stage, names }): Field[] => [
          STAGE_NUMBERS[stage],
          nulEnded(names.join(" ")),
        ]),
      );
    default:
      return unreachable(response);
  }
}

function addressFields(response: {
  readonly address: string;
  readonly parameters: string | null;
}): readonly Field[] {
  const address = nulEnded(response.address);
  return response.parameters === null ? [address] : [address, nulEnded(response.parameters)];
}

function headerFields(name: string, value: string): readonly Field[] {
  return [`${headerName(name)}\0`, `${headerValue(value)}\0`];
}

/** RFC 5322 section 2.2: printable ASCII but the colon. An empty name is a protocol error to Postfix. */
function headerName(name: string): string {
  if (/^[!-9;-~]+$/.test(name)) return name;
  throw new RangeError(`Cannot write header ${JSON.stringify(name)}: not a field name`);
}

/**
 * The value as an MTA takes it: lines end with LF alone, a line that goes on begins with white space (it would
 * forge a header or end them all), and no line is empty.
 */
function headerValue(value: string): string {
  if (!/[\r\n\0]/.test(value)) return value;
  return value
    .replaceAll("\0", "")
    .replace(/\r\n?/g, "\n")
    .replace(/\n(?![ \t])/g, "\n ")
    .replace(/\n[ \t]+(?=\n|$)/g, "");
}
