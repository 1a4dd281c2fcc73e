import { Buffer } from "node:buffer";
import type { MessageSpool } from "../spool/message-spool.ts";
import { cutLine } from "./cut-line.ts";
import type { HeaderEdits } from "./header-edits.ts";

const LF = 0x0a;
/** Room for a stretch; any line that is sent fits into it. */
const STRETCH_BYTES = 131_072;
/** What a line may gain on its way: a fold, a dot. */
const SPARE_BYTES = 64;

export interface ReleaseOptions {
  readonly spool: MessageSpool;
  /** What stands before each line, session and token in it. */
  readonly prefix: Buffer;
  /** Of a line that is sent, without prefix and LF. */
  readonly maxPayloadBytes: number;
  /** null: it goes back as it came. */
  readonly edits: HeaderEdits | null;
  /** So many blocks of the spool, at most. */
  readonly maxBlocks: number;
}

/** A held message on its way back to smtpd, a stretch of whole lines at a time, the final dot last. */
export class Release {
  readonly #options: ReleaseOptions;
  readonly #stretchBytes: number;
  /** Lines that come before the rest of the block. */
  #waiting: Buffer[];
  #block: Buffer = Buffer.alloc(0);
  #at = 0;
  #blocks = 0;
  #isInHeader = true;
  /** The final dot has been given. */
  isOver = false;
  #out: Buffer = Buffer.alloc(0);
  #used = 0;

  constructor(options: ReleaseOptions) {
    this.#options = options;
    this.#waiting = (options.edits?.top ?? []).map((line) =>
      Buffer.from(line.startsWith(".") ? `.${line}` : line, "latin1"),
    );
    const { spool, prefix } = options;
    const topBytes = this.#waiting.reduce((sum, line) => sum + prefix.length + line.length + 1, 0);
    const lineBytes = spool.bytes + (spool.lines + 1) * prefix.length;
    this.#stretchBytes = Math.min(STRETCH_BYTES, topBytes + lineBytes + SPARE_BYTES);
  }

  /**
   * The next stretch, or undefined once the final dot was in one.
   *
   * @throws {Error} if the spool cannot be read; the final dot has not been given then.
   */
  next(): Buffer | undefined {
    if (this.isOver) return undefined;
    this.#out = Buffer.allocUnsafeSlow(this.#stretchBytes);
    this.#used = 0;
    while (this.#putWaiting() && this.#putBlock());
    const stretch = this.#out.subarray(0, this.#used);
    this.#out = Buffer.alloc(0);
    return stretch;
  }

  /** false: the stretch is full. */
  #putWaiting(): boolean {
    let count = 0;
    for (const line of this.#waiting) {
      if (!this.#put(line, 0, line.length)) break;
      count += 1;
    }
    this.#waiting.splice(0, count);
    return this.#waiting.length === 0;
  }

  /** Goes on with the block, or the next one. false: the stretch is full, or the message over. */
  #putBlock(): boolean {
    if (this.#at >= this.#block.length && !this.#nextBlock()) return false;
    const block = this.#block;
    const { maxPayloadBytes } = this.#options;
    while (this.#at < block.length) {
      const start = this.#at;
      const end = block.indexOf(LF, start);
      const isKept = !this.#isInHeader || this.#isKept(block, start, end);
      if (end - start > maxPayloadBytes && isKept) {
        this.#at = end + 1;
        const fold = this.#isInHeader ? " " : "";
        this.#waiting.push(...cutLine(block.subarray(start, end), maxPayloadBytes, fold));
        return true;
      }
      if (isKept && !this.#put(block, start, end)) return this.#again(start);
      this.#at = end + 1;
    }
    return true;
  }

  /** The line did not fit: it waits for the next stretch. */
  #again(start: number): false {
    const end = this.#block.indexOf(LF, start);
    this.#waiting.push(this.#block.subarray(start, end));
    this.#at = end + 1;
    return false;
  }

  #nextBlock(): boolean {
    const { spool, prefix, maxBlocks } = this.#options;
    if (this.#blocks < Math.min(spool.blocks, maxBlocks)) {
      this.#block = spool.block(this.#blocks);
      this.#blocks += 1;
      this.#at = 0;
      return true;
    }
    this.isOver = this.#used + prefix.length + 2 <= this.#out.length;
    if (this.isOver) this.#put(Buffer.from("."), 0, 1);
    return false;
  }

  #isKept(block: Buffer, start: number, end: number): boolean {
    if (start === end) {
      this.#isInHeader = false;
      return true;
    }
    const { edits } = this.#options;
    return edits === null || !edits.removesAny || edits.next(block, start, end) !== "remove";
  }

  #put(bytes: Buffer, start: number, end: number): boolean {
    const { prefix } = this.#options;
    const out = this.#out;
    const at = this.#used + prefix.length;
    if (at + end - start + 1 > out.length) return false;
    prefix.copy(out, this.#used);
    bytes.copy(out, at, start, end);
    out[at + end - start] = LF;
    this.#used = at + end - start + 1;
    return true;
  }
}
