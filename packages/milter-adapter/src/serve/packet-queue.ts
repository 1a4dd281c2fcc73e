import type { Session } from "../translate.ts";
import type { BufferPool } from "../wire/buffer-pool.ts";
import { Framer } from "../wire/framing.ts";
import { freeMemory } from "../wire/free-memory.ts";
import { ProtocolError } from "../wire/protocol-error.ts";
import { letterOf } from "../wire/stage.ts";

/** More than this is not read from the socket while a packet is being handled. */
const MAX_QUEUED_PACKETS = 64;
const MAX_QUEUED_BYTES = 1 << 20;
/** What a packet that waits takes beside its bytes. */
const PACKET_BYTES = 128;

/** A header field is the port's to keep; nothing else outlives the handling of its packet. */
const HEADER = letterOf("header").charCodeAt(0);

/** Callbacks of a queue. */
export interface QueueOwner {
  /** A packet that was handled asynchronously is done, and so are the packets behind it, as far as possible. */
  settled(): void;
  /** A bug in this package; the connection cannot be used any more. */
  crashed(error: unknown): void;
}

/** Hands the packets of one stream to a session one at a time, the next when the last is done. */
export class PacketQueue {
  readonly #session: Session;
  readonly #owner: QueueOwner;
  readonly #framer: Framer;
  readonly #waiting: Uint8Array[] = [];
  #next = 0;
  #waitingBytes = 0;
  /** Of the packet that is being handled. */
  #busyBytes = 0;
  #isBusy = false;
  #packets = 0;
  /** Whether a packet of the chunk at hand is still needed after it. */
  #isChunkNeeded = false;
  /** The bytes violate the protocol; reported to the session after the packets before them. */
  #broken: { readonly error: ProtocolError; readonly bytes: Uint8Array } | undefined;

  constructor(
    session: Session,
    maxPacketBytes: number | undefined,
    pool: BufferPool,
    owner: QueueOwner,
  ) {
    this.#session = session;
    this.#owner = owner;
    this.#framer = new Framer(maxPacketBytes, pool);
  }

  /** Whether a packet is being handled. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  get isFull(): boolean {
    return (
      this.#waiting.length - this.#next > MAX_QUEUED_PACKETS ||
      this.#waitingBytes > MAX_QUEUED_BYTES
    );
  }

  /** The memory that is taken by packets that are not complete, or not handled yet. */
  get heldBytes(): number {
    const first = this.#waiting[this.#next];
    // What came before the first that waits, in the same chunk, is not free yet.
    const before = first === undefined ? 0 : first.byteOffset + PACKET_BYTES * this.#waiting.length;
    return this.#framer.bufferBytes + this.#busyBytes + this.#waitingBytes + before;
  }

  /** Packets that were complete so far. */
  get packets(): number {
    return this.#packets;
  }

  /** Whether a packet has begun and is not complete. */
  get isInPacket(): boolean {
    return this.#framer.heldBytes > 0;
  }

  /** @param chunk as read from a socket. Its memory is free again once nobody needs anything of it. */
  push(chunk: Uint8Array): void {
    if (this.#broken !== undefined) return;
    let whole = 0;
    this.#isChunkNeeded = false;
    try {
      this.#framer.push(chunk, (packet) => {
        whole = packet.buffer === chunk.buffer ? packet.byteOffset + packet.length : 0;
        this.#take(packet);
      });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#broken = { error, bytes: chunk.subarray(Math.max(0, whole - chunk.byteOffset)) };
      this.#isChunkNeeded = true;
      if (!this.#isBusy) this.#tellBroken();
    }
    if (!this.#isChunkNeeded) freeMemory(chunk);
  }

  /** Nothing more is pushed: drops all waiting packets, and what has come of the next. */
  end(): void {
    this.#dropWaiting();
    this.#framer.drop();
  }

  #dropWaiting(): void {
    this.#waiting.length = 0;
    this.#next = 0;
    this.#waitingBytes = 0;
  }

  #take(packet: Uint8Array): void {
    this.#packets += 1;
    if (this.#isBusy) {
      this.#waiting.push(packet);
      this.#waitingBytes += packet.length;
      this.#isChunkNeeded = true;
    } else if (!this.#isDoneWith(packet)) {
      this.#isChunkNeeded = true;
    }
  }

  /** Handles a packet; returns whether its bytes are no longer needed. */
  #isDoneWith(packet: Uint8Array): boolean {
    try {
      const pending = this.#session.take(packet);
      if (pending === undefined) {
        if (packet[0] === HEADER) return false;
        this.#framer.release(packet);
        return true;
      }
      this.#isBusy = true;
      this.#busyBytes = packet.length;
      pending.then(this.#goOn, this.#crash);
    } catch (error) {
      this.#crash(error);
    }
    return false;
  }

  readonly #goOn = (): void => {
    this.#isBusy = false;
    this.#busyBytes = 0;
    while (!this.#isBusy) {
      const packet = this.#waiting[this.#next];
      if (packet === undefined) break;
      this.#next += 1;
      this.#waitingBytes -= packet.length;
      this.#isDoneWith(packet);
    }
    if (this.#next === this.#waiting.length) this.#dropWaiting();
    if (!this.#isBusy) this.#tellBroken();
    this.#owner.settled();
  };

  readonly #crash = (error: unknown): void => {
    this.#dropWaiting();
    this.#owner.crashed(error);
  };

  #tellBroken(): void {
    if (this.#broken !== undefined) this.#session.fail(this.#broken.error, this.#broken.bytes);
  }
}
