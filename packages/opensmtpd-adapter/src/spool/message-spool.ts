import { Buffer } from "node:buffer";
import type { SpoolFile } from "./spool-file.ts";
import type { SpoolRoom } from "./spool-room.ts";

const LF = 0x0a;
const SMALL_BLOCK_BYTES = 4_096;
const LARGE_BLOCK_BYTES = 65_536;

/** Whole lines, one after the other: in memory, or at a place in the file. */
type Block =
  | { readonly kind: "memory"; readonly bytes: Buffer }
  | { readonly kind: "file"; readonly position: number; readonly length: number };

/**
 * The lines of one message, each with its LF, in blocks of whole lines: the first of them in memory, the rest in a
 * file without a name. What is appended can be read at once.
 */
export class MessageSpool {
  /** How many lines there are, and how many bytes with their LF. */
  lines = 0;
  bytes = 0;
  readonly #room: SpoolRoom;
  readonly #blocks: Block[] = [];
  /** Taken from the room. */
  #countedBytes = 0;
  #file: SpoolFile | undefined;
  #fileBytes = 0;
  /** The block that is being filled. */
  #open = Buffer.alloc(0);
  #openBytes = 0;
  #isOpenCounted = false;

  constructor(room: SpoolRoom) {
    this.#room = room;
  }

  /** Blocks so far, the one that is being filled among them. */
  get blocks(): number {
    return this.#blocks.length + (this.#openBytes > 0 ? 1 : 0);
  }

  /** Takes a line without its LF. false: there is no place for it, neither in memory nor on disk. */
  append(bytes: Buffer, start: number, end: number): boolean {
    const length = end - start + 1;
    if (this.#openBytes + length > this.#open.length && !this.#openAnother(length)) return false;
    bytes.copy(this.#open, this.#openBytes, start, end);
    this.#open[this.#openBytes + length - 1] = LF;
    this.#openBytes += length;
    this.lines += 1;
    this.bytes += length;
    return true;
  }

  /**
   * The lines of a block. The last one may grow: what was read of it stays where it is.
   *
   * @throws {Error} if the file cannot be read.
   */
  block(index: number): Buffer {
    const block = this.#blocks[index];
    if (block === undefined) return this.#open.subarray(0, this.#openBytes);
    if (block.kind === "memory") return block.bytes;
    return this.#file?.read(block.position, block.length) ?? Buffer.alloc(0);
  }

  /** Gives back what it holds. */
  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) this.#room.attempt(() => file.close());
    this.#room.give(this.#countedBytes);
    this.#countedBytes = 0;
    this.#blocks.length = 0;
    this.#open = Buffer.alloc(0);
    this.#openBytes = 0;
    this.#isOpenCounted = false;
  }

  #openAnother(length: number): boolean {
    if (this.#openBytes > 0 && !this.#putAway()) return false;
    const wanted = this.#room.isTight
      ? SMALL_BLOCK_BYTES
      : Math.min(LARGE_BLOCK_BYTES, Math.max(SMALL_BLOCK_BYTES, 2 * this.#open.length));
    const bytes = Math.max(wanted, length);
    this.#isOpenCounted = this.#count(bytes);
    // If all memory is in use, a small block is taken anyway, and written to the file when it is full.
    this.#open = Buffer.allocUnsafeSlow(
      this.#isOpenCounted ? bytes : Math.max(SMALL_BLOCK_BYTES, length),
    );
    this.#openBytes = 0;
    return true;
  }

  /** Keeps the full block in memory while the message may hold that much, else writes it to the file. */
  #putAway(): boolean {
    const bytes = this.#open.subarray(0, this.#openBytes);
    const mayStay = this.#isOpenCounted && this.#countedBytes <= this.#room.messageMemoryBytes;
    if (!mayStay && this.#write(bytes)) {
      if (this.#isOpenCounted) this.#uncount(this.#open.length);
      return true;
    }
    // The disk failed: use memory while there is any.
    if (!this.#isOpenCounted && !this.#count(this.#open.length)) return false;
    this.#isOpenCounted = true;
    this.#blocks.push({ kind: "memory", bytes });
    return true;
  }

  #count(bytes: number): boolean {
    if (!this.#room.take(bytes)) return false;
    this.#countedBytes += bytes;
    return true;
  }

  #uncount(bytes: number): void {
    this.#room.give(bytes);
    this.#countedBytes -= bytes;
  }

  #write(bytes: Buffer): boolean {
    this.#file ??= this.#room.openFile();
    const file = this.#file;
    if (file === undefined) return false;
    const isWritten = this.#room.attempt(() => {
      file.append(bytes);
      return true;
    });
    if (isWritten === undefined) return false;
    this.#blocks.push({ kind: "file", position: this.#fileBytes, length: bytes.length });
    this.#fileBytes += bytes.length;
    return true;
  }
}
