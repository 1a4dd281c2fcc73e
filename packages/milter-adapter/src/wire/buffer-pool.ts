/** A body chunk of Postfix and sendmail with its code byte. */
const BUFFER_BYTES = 65_536;
/** Smaller buffers are not worth reusing. */
const SMALL_BYTES = 16_384;
const MAX_BUFFERS = 16;

/**
 * Buffers in which body chunks were assembled, reused for later chunks of any connection. V8 counts such memory apart
 * and marks the whole heap after every 32 MB or so of it: a large message alone would make it do that once or twice.
 */
export class BufferPool {
  readonly #buffers: Uint8Array[] = [];

  /** A buffer for a packet of `length` bytes, if one is spare that fits it. What is in it is not wiped. */
  take(length: number): Uint8Array | undefined {
    return length > SMALL_BYTES && length <= BUFFER_BYTES ? this.#buffers.pop() : undefined;
  }

  /** Offers a buffer that nobody reads any more; whether it is taken. */
  give(buffer: Uint8Array): boolean {
    if (buffer.length !== BUFFER_BYTES || this.#buffers.length >= MAX_BUFFERS) return false;
    this.#buffers.push(buffer);
    return true;
  }
}
