import type { Socket } from "node:net";
import type { Clock } from "@postern/smtp-filter";

/** What the connection may wait for, and the timeout of each. */
export const PATIENCE_MS = {
  /** A line, or the head before a message. Exim writes it at once. */
  head: 30_000,
  /** The message: Exim (tmo of spamd_address) gives up after 120 s. */
  message: 120_000,
  /** That it takes its answer and closes. */
  close: 5000,
} as const;

/** The peer left, or was too slow: no answer is needed. */
export class PeerLost extends Error {
  readonly why: "gone" | "slow";

  constructor(why: "gone" | "slow") {
    super(`The peer is ${why}`);
    this.why = why;
  }
}

/** The bytes of a socket, read when they are wanted: what is not, the peer cannot send. */
export class ByteSource {
  readonly #socket: Socket;
  readonly #clock: Clock;
  #waitsFor: "head" | "message" = "head";
  #leftMs: number = PATIENCE_MS.head;
  #hasEnded = false;
  #isSlow = false;
  #wake: () => void = () => {};

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on("readable", () => this.#wake());
    socket.on("end", () => {
      this.#hasEnded = true;
      this.#wake();
    });
    socket.on("close", () => this.#wake());
  }

  get waitsFor(): "head" | "message" {
    return this.#waitsFor;
  }

  get isGone(): boolean {
    return this.#socket.destroyed;
  }

  /** From here on the message is waited for. */
  awaitMessage(): void {
    this.#waitsFor = "message";
    this.#leftMs = PATIENCE_MS.message;
  }

  /**
   * The next bytes; undefined when the peer has closed its half.
   *
   * @throws {PeerLost} if it left, or sends too slowly.
   */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      if (this.#socket.destroyed) throw new PeerLost("gone");
      const chunk: Buffer | null = this.#socket.read();
      if (chunk !== null) return chunk;
      if (this.#hasEnded) return undefined;
      if (this.#isSlow) throw new PeerLost("slow");
      await this.#change();
    }
  }

  /** Only the time that the peer takes is counted. */
  async #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const startedAtMs = this.#clock.nowMs();
    const stop = this.#clock.after(Math.max(0, this.#leftMs), () => {
      this.#isSlow = true;
      resolve();
    });
    await promise;
    stop();
    this.#leftMs -= this.#clock.nowMs() - startedAtMs;
  }
}
