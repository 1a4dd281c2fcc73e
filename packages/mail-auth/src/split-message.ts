const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;

/** A message cut into what {@link MessageCheck} takes; views of the bytes it was cut from. */
export interface SplitMessage {
  readonly fields: readonly SplitField[];
  readonly body: Uint8Array;
}

interface SplitField {
  readonly name: Uint8Array;
  /** What follows the colon, folds as CRLF. */
  readonly value: Uint8Array;
}

/**
 * Cuts a message at the first empty line (RFC 5322 section 2.1), or, as Postfix does, before the first line that is no
 * field. Only CRLF ends a line. Total and linear.
 */
export function splitMessage(message: Uint8Array): SplitMessage {
  const fields: SplitField[] = [];
  let start = 0;
  while (start < message.length) {
    const end = endOfField(message, start);
    if (end === start) return { fields, body: message.subarray(start + 2) };
    const colon = message.subarray(start, end).indexOf(COLON);
    if (colon <= 0) break;
    const field = message.subarray(start, end);
    fields.push({ name: field.subarray(0, colon), value: field.subarray(colon + 1) });
    start = end + 2;
  }
  return { fields, body: message.subarray(start) };
}

/** Where the CRLF stands that no blank follows; the end of the bytes where there is none. */
function endOfField(message: Uint8Array, start: number): number {
  for (let at = message.indexOf(CR, start); at !== -1; at = message.indexOf(CR, at + 1)) {
    if (message[at + 1] !== LF) continue;
    const next = message[at + 2];
    if (at === start || (next !== SPACE && next !== TAB)) return at;
  }
  return message.length;
}
