/** A header field as an MTA would hand it over: folds are LF, the value begins right behind the colon. */
export interface HeaderField {
  readonly name: Uint8Array;
  readonly rawValue: Uint8Array;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;

/**
 * Splits a message at its first empty line. As Postfix does, a line that is not a field and continues none begins
 * the body. The body gets CRLF line ends, as it came over SMTP: in a message without a single CRLF every LF
 * stands for one; in others a lone LF is what it is.
 */
export function splitMessage(message: Uint8Array): {
  readonly headers: readonly HeaderField[];
  readonly body: Uint8Array;
} {
  const headers: HeaderField[] = [];
  let at = 0;
  while (at < message.length) {
    const field = readField(message, at);
    if (field === undefined) break;
    headers.push(field.header);
    at = field.end;
  }
  const body = message.subarray(skipEmptyLine(message, at));
  return { headers, body: Buffer.from(message).includes("\r\n") ? body : withCrlf(body) };
}

function withCrlf(body: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(body).toString("latin1").replaceAll("\n", "\r\n"), "latin1");
}

function readField(
  message: Uint8Array,
  start: number,
): { readonly header: HeaderField; readonly end: number } | undefined {
  let end = lineEnd(message, start);
  const colon = message.indexOf(COLON, start);
  if (colon <= start || colon >= end || isBlank(message[start])) return undefined;
  while (end < message.length && isBlank(message[end])) end = lineEnd(message, end);
  const value = Buffer.from(message.subarray(colon + 1, end));
  const unfolded = value.toString("latin1").replaceAll("\r\n", "\n").replace(/\n$/, "");
  return {
    header: { name: message.subarray(start, colon), rawValue: Buffer.from(unfolded, "latin1") },
    end,
  };
}

/** Behind the line's LF, or the end of the message. */
function lineEnd(message: Uint8Array, start: number): number {
  const at = message.indexOf(LF, start);
  return at === -1 ? message.length : at + 1;
}

function skipEmptyLine(message: Uint8Array, at: number): number {
  if (message[at] === LF) return at + 1;
  return message[at] === CR && message[at + 1] === LF ? at + 2 : at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}
