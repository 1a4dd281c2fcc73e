import { Buffer } from "node:buffer";

/**
 * The longest line that is taken whole. smtpd (6.8 to 7.8) sends at most 65,533 bytes of a message behind 82 bytes
 * of its own.
 */
export const MAX_LINE_BYTES = 131_072;

/** So much is left of a longer one: who asks, and for what. */
export const KEPT_BYTES = 1_024;

const LF = 0x0a;

/** A line without its LF. The same object every time: good until the next line is asked for. */
export interface LineView {
  bytes: Buffer;
  start: number;
  end: number;
  /** It was longer than {@link MAX_LINE_BYTES}; this is its beginning. */
  isCut: boolean;
}

/**
 * Splits a byte stream into lines, however it was cut into chunks. A line that lies whole in a chunk is a view of it;
 * one that spans chunks is gathered. Never throws, and never keeps more than the longest line.
 */
export class LineSplitter {
  readonly #line: LineView = { bytes: Buffer.alloc(0), start: 0, end: 0, isCut: false };
  #chunk: Buffer | undefined;
  #at = 0;
  /** What has come of a line that is not complete. */
  #held = Buffer.alloc(0);
  #heldBytes = 0;
  #isTooLong = false;

  /** Takes the next chunk, once there is no line left in the one before. */
  push(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** The next complete line of the chunk, or undefined when it is used up. */
  next(): LineView | undefined {
    const chunk = this.#chunk;
    if (chunk === undefined) return undefined;
    const start = this.#at;
    const end = chunk.indexOf(LF, start);
    if (end === -1) {
      this.#hold(chunk, start, chunk.length);
      this.#chunk = undefined;
      return undefined;
    }
    this.#at = end + 1;
    if (this.#heldBytes === 0 && !this.#isTooLong) return this.#show(chunk, start, end);
    this.#hold(chunk, start, end);
    const length = this.#isTooLong ? MAX_LINE_BYTES + 1 : this.#heldBytes;
    this.#heldBytes = 0;
    this.#isTooLong = false;
    return this.#show(this.#held, 0, length);
  }

  #show(bytes: Buffer, start: number, end: number): LineView {
    const line = this.#line;
    line.bytes = bytes;
    line.start = start;
    line.isCut = end - start > MAX_LINE_BYTES;
    line.end = line.isCut ? start + KEPT_BYTES : end;
    return line;
  }

  #hold(chunk: Buffer, start: number, end: number): void {
    const needed = this.#heldBytes + end - start;
    if (needed > MAX_LINE_BYTES) this.#isTooLong = true;
    const kept = this.#isTooLong ? Math.min(needed, KEPT_BYTES) : needed;
    if (kept <= this.#heldBytes) return;
    if (this.#held.length < kept) {
      const larger = Buffer.allocUnsafeSlow(Math.max(kept, 2 * this.#held.length, 4_096));
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldBytes, start, start + kept - this.#heldBytes);
    this.#heldBytes = kept;
  }
}
