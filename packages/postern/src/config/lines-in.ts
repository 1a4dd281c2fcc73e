/** A line without its end, and its number, from 1. */
export interface NumberedLine {
  readonly line: string;
  readonly number: number;
}

const LF = 10;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * The lines of a UTF-8 text, one at a time, so that a long one can be read in steps.
 *
 * @param maxBytes a longer line is cut to so many: a pattern tried on it must have an end.
 */
export function* linesIn(bytes: Buffer, maxBytes: number): Generator<NumberedLine, void> {
  let start = BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? BYTE_ORDER_MARK.length : 0;
  for (let number = 1; start < bytes.length; number += 1) {
    const found = bytes.indexOf(LF, start);
    const end = found === -1 ? bytes.length : found;
    yield { line: bytes.toString("utf8", start, Math.min(end, start + maxBytes)), number };
    start = end + 1;
  }
}
