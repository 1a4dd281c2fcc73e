import { Buffer } from "node:buffer";

/** Bytes that come in pieces of any size, in one piece. */
export class Gathered {
  #room: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The memory it takes. */
  get roomBytes(): number {
    return this.#room.length;
  }

  /** Good until the next bytes are added. */
  get bytes(): Buffer {
    return this.#room.subarray(0, this.#length);
  }

  add(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#room.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#room.length));
      this.#room.copy(larger, 0, 0, this.#length);
      this.#room = larger;
    }
    chunk.copy(this.#room, this.#length);
    this.#length = length;
  }
}
