import { Buffer } from "node:buffer";
import type { Message } from "@postern/smtp-filter";

const LF = 0x0a;
const CR = 0x0d;
const CHUNK_BYTES = 16_384;

/** Tells a body with LF line ends to the port as one with CRLF. */
export class BodyWriter {
  /** The port needs no more. */
  hasEnough = false;
  readonly #message: Message;
  #chunk: Buffer | undefined;

  constructor(message: Message) {
    this.#message = message;
  }

  /** The memory it takes. */
  get heldBytes(): number {
    return this.#chunk?.length ?? 0;
  }

  /** A promise is back-pressure, and its bytes are lent until it resolves. */
  take(bytes: Buffer): void | Promise<void> {
    let at = 0;
    while (at < bytes.length && !this.hasEnough) {
      this.#chunk ??= Buffer.allocUnsafeSlow(CHUNK_BYTES);
      const { used, next } = convert(bytes, at, this.#chunk);
      at = next;
      const told = this.#message.body(this.#chunk.subarray(0, used));
      if (told === "enough") this.hasEnough = true;
      if (typeof told === "object") return told.then(() => this.take(bytes.subarray(next)));
    }
  }
}

/** Fills `chunk` with bytes from `at` on, each LF as CRLF; where to go on. */
function convert(bytes: Buffer, from: number, chunk: Buffer): { used: number; next: number } {
  let used = 0;
  let at = from;
  while (at < bytes.length && used < chunk.length - 1) {
    const end = bytes.indexOf(LF, at);
    const line = (end === -1 ? bytes.length : end) - at;
    const length = Math.min(line, chunk.length - 2 - used);
    used += bytes.copy(chunk, used, at, at + length);
    at += length;
    if (length < line || end === -1) break;
    chunk[used] = CR;
    chunk[used + 1] = LF;
    used += 2;
    at += 1;
  }
  return { used, next: at };
}
