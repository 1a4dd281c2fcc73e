/** Smaller chunks are not worth freeing early. */
const LARGE_CHUNK_BYTES = 16_384;

/**
 * Gives the memory of a chunk back at once; views of it are empty from here on. V8 marks the whole heap after some
 * 30 MB of such memory, and collects none of it before: a large message alone would make it do that.
 */
export function freeMemory({ buffer, length }: Uint8Array): void {
  // A view of part of a buffer may share it with others.
  if (length < LARGE_CHUNK_BYTES || length < buffer.byteLength) return;
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
