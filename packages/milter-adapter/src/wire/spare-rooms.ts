/** A body chunk of Postfix and sendmail with its code byte. */
const ROOM_BYTES = 65_536;
/** Smaller buffers are not worth reusing. */
const SMALL_BYTES = 16_384;
const MAX_SPARE_ROOMS = 16;

/**
 * Buffers in which body chunks were assembled, reused for later chunks of any connection. V8 counts such memory apart
 * and marks the whole heap after every 32 MB or so of it: a large message alone would make it do that once or twice.
 */
export class SpareRooms {
  readonly #rooms: Uint8Array[] = [];

  /** A room for a packet of `length` bytes, if one is spare that fits it. What is in it is not wiped. */
  take(length: number): Uint8Array | undefined {
    return length > SMALL_BYTES && length <= ROOM_BYTES ? this.#rooms.pop() : undefined;
  }

  /** Offers a room that nobody reads any more; whether it is taken. */
  give(room: Uint8Array): boolean {
    if (room.length !== ROOM_BYTES || this.#rooms.length >= MAX_SPARE_ROOMS) return false;
    this.#rooms.push(room);
    return true;
  }
}
