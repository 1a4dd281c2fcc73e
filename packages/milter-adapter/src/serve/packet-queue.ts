import type { Session } from "../translate.ts";
import { Framer } from "../wire/framing.ts";
import { ProtocolError } from "../wire/protocol-error.ts";

/** More than this is not read from the socket while a packet is being handled. */
const MAX_QUEUED_PACKETS = 64;
const MAX_QUEUED_BYTES = 1 << 20;

/** What a queue tells whoever feeds it. */
export interface QueueOwner {
  /** A packet that took its time is done, and what waited behind it as far as it goes. */
  settled(): void;
  /** A bug of ours; the connection is of no use any more. */
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
  #isBusy = false;
  #packets = 0;
  /** The bytes are not the protocol; told to the session after the packets before them. */
  #broken: { readonly error: ProtocolError; readonly bytes: Uint8Array } | undefined;

  constructor(session: Session, maxPacketBytes: number | undefined, owner: QueueOwner) {
    this.#session = session;
    this.#owner = owner;
    this.#framer = new Framer(maxPacketBytes);
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

  /** Packets that were complete so far. */
  get packets(): number {
    return this.#packets;
  }

  /** Whether a packet has begun and is not complete. */
  get isInPacket(): boolean {
    return this.#framer.heldBytes > 0;
  }

  push(chunk: Uint8Array): void {
    if (this.#broken !== undefined) return;
    let whole = 0;
    try {
      this.#framer.push(chunk, (packet) => {
        whole = packet.buffer === chunk.buffer ? packet.byteOffset + packet.length : 0;
        this.#take(packet);
      });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#broken = { error, bytes: chunk.subarray(Math.max(0, whole - chunk.byteOffset)) };
      if (!this.#isBusy) this.#tellBroken();
    }
  }

  /** Nothing of what waits is handled any more. */
  drop(): void {
    this.#waiting.length = 0;
    this.#next = 0;
    this.#waitingBytes = 0;
  }

  #take(packet: Uint8Array): void {
    this.#packets += 1;
    if (this.#isBusy) {
      this.#waiting.push(packet);
      this.#waitingBytes += packet.length;
    } else {
      this.#handle(packet);
    }
  }

  #handle(packet: Uint8Array): void {
    try {
      const pending = this.#session.take(packet);
      if (pending === undefined) return;
      this.#isBusy = true;
      pending.then(this.#goOn, this.#crash);
    } catch (error) {
      this.#crash(error);
    }
  }

  readonly #goOn = (): void => {
    this.#isBusy = false;
    while (!this.#isBusy) {
      const packet = this.#waiting[this.#next];
      if (packet === undefined) break;
      this.#next += 1;
      this.#waitingBytes -= packet.length;
      this.#handle(packet);
    }
    if (this.#next === this.#waiting.length) this.drop();
    if (!this.#isBusy) this.#tellBroken();
    this.#owner.settled();
  };

  readonly #crash = (error: unknown): void => {
    this.drop();
    this.#owner.crashed(error);
  };

  #tellBroken(): void {
    if (this.#broken !== undefined) this.#session.fail(this.#broken.error, this.#broken.bytes);
  }
}
