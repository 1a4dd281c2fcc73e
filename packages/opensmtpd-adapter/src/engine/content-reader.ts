import { Buffer } from "node:buffer";
import type { Message } from "@postern/smtp-filter";
import { FieldScanner, unstuffed } from "../message/field-scanner.ts";

const LF = 0x0a;
const CR = 0x0d;
/** What a field may hold; the rest of a longer one is not passed on. No signature covers such a field. */
const MAX_FIELD_BYTES = 262_144;
/** Of a stretch of the body. */
const CHUNK_BYTES = 65_536;

/**
 * Reads a message as it lies in the spool of the shim and tells it to the port: fields one by one, then the body with
 * CRLF, dots unstuffed. What smtpd itself wrote at the top is not told, as Postfix and sendmail do not tell it.
 */
export class ContentReader {
  /** The port needs no more of the body. */
  hasEnough = false;
  readonly #message: Message;
  readonly #scanner = new FieldScanner();
  #isInHeader = true;
  /** The field that is under way: its lines, the name in the first. */
  #lines: Buffer[] = [];
  #nameBytes = 0;
  #valueBytes = 0;
  /** The body goes on in the middle of a line. */
  #isInLine = false;
  #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);

  constructor(message: Message) {
    this.#message = message;
  }

  /**
   * Takes whole lines, each with its LF. A promise is back-pressure: no more before it resolves.
   *
   * @throws {unknown} what the port throws.
   */
  take(bytes: Buffer): void | Promise<void> {
    const at = this.#isInHeader ? this.#takeHeader(bytes) : 0;
    if (this.#isInHeader || this.hasEnough) return;
    return this.#takeBody(bytes, at);
  }

  /** There are no more lines. */
  end(): void {
    if (this.#isInHeader) this.#tellField();
    this.#isInHeader = false;
  }

  /** Where the body begins, or the end of the bytes. */
  #takeHeader(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length) {
      const end = bytes.indexOf(LF, at);
      const start = unstuffed(bytes, at, end);
      at = end + 1;
      switch (this.#scanner.see(bytes, start, end)) {
        case "field":
          this.#tellField();
          this.#startField(bytes, start, end);
          break;
        case "fold":
          this.#addLine(bytes, start, end);
          break;
        case "no-field":
          this.#tellField();
          break;
        case "end":
          this.end();
          return at;
      }
    }
    return at;
  }

  #startField(bytes: Buffer, start: number, end: number): void {
    if (this.#scanner.isOwn) return;
    this.#nameBytes = this.#scanner.colonAt - start;
    this.#valueBytes = 0;
    this.#addLine(bytes, start, end);
  }

  #addLine(bytes: Buffer, start: number, end: number): void {
    if (this.#scanner.isOwn) return;
    const room = this.#nameBytes + MAX_FIELD_BYTES - this.#valueBytes;
    if (room <= 0) return;
    // The bytes are lent: a field may go on in the next ones.
    this.#lines.push(Buffer.from(bytes.subarray(start, Math.min(end, start + room))));
    this.#valueBytes += end - start + 1;
  }

  #tellField(): void {
    const lines = this.#lines;
    if (lines.length === 0) return;
    this.#lines = [];
    const all = joined(lines);
    const name = all.subarray(0, this.#nameBytes);
    this.#message.header(name, all.subarray(this.#nameBytes + 1));
  }

  #takeBody(bytes: Buffer, from: number): void | Promise<void> {
    const chunk = this.#chunk;
    let used = 0;
    let at = from;
    while (at < bytes.length) {
      const end = bytes.indexOf(LF, at);
      const start = this.#isInLine ? at : unstuffed(bytes, at, end);
      // A line of more than a chunk is cut anywhere.
      const piece = Math.min(end - start, CHUNK_BYTES - 2);
      if (used + piece + 2 > CHUNK_BYTES) break;
      bytes.copy(chunk, used, start, start + piece);
      used += piece;
      at = start + piece;
      this.#isInLine = at < end;
      if (this.#isInLine) break;
      chunk[used] = CR;
      chunk[used + 1] = LF;
      used += 2;
      at += 1;
    }
    if (used === 0) return;
    return this.#tell(bytes, at, chunk.subarray(0, used));
  }

  #tell(bytes: Buffer, next: number, chunk: Buffer): void | Promise<void> {
    const told = this.#message.body(chunk);
    if (told === "enough") this.hasEnough = true;
    if (this.hasEnough) return;
    if (typeof told === "object") {
      // It is lent until then.
      this.#chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      return told.then(() => this.#takeBody(bytes, next));
    }
    if (next < bytes.length) return this.#takeBody(bytes, next);
  }
}

/** Lines with LF between them; a field of one line is not copied. */
function joined(lines: readonly Buffer[]): Buffer {
  const [first = Buffer.alloc(0), ...folds] = lines;
  if (folds.length === 0) return first;
  return Buffer.concat([first, ...folds.flatMap((fold) => [Buffer.from("\n"), fold])]);
}
