import { Buffer } from "node:buffer";

const DOT = 0x2e;

/**
 * Cuts a line that is longer than smtpd takes into lines that are not. Dot-stuffed like the line itself: no piece
 * may be the dot that ends the message.
 *
 * @param line as it lies in a spool, without its LF.
 * @param fold what a piece but the first begins with: a blank in a header, nothing in a body.
 */
export function cutLine(line: Buffer, maxBytes: number, fold: "" | " "): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < line.length; ) {
    const head = at === 0 ? "" : fold === "" && line[at] === DOT ? "." : fold;
    const piece = line.subarray(at, at + maxBytes - head.length);
    pieces.push(head === "" ? piece : Buffer.concat([Buffer.from(head), piece]));
    at += piece.length;
  }
  return pieces;
}
