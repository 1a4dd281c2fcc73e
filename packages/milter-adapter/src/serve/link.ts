import type { Socket } from "node:net";
import { systemClock } from "@postern/smtp-filter";
import type { Share } from "@postern/smtp-filter/serve";
import type { ServerEvent } from "../events.ts";
import type { SessionOptions } from "../options.ts";
import { type Outlet, Session } from "../translate.ts";
import type { BufferPool } from "../wire/buffer-pool.ts";
import { PacketQueue } from "./packet-queue.ts";
import { READ_TIMEOUTS_MS, ReadTimeout, type WaitedFor } from "./read-timeout.ts";

/** Answers to the MTA that it does not read. */
const MAX_UNSENT_BYTES = 1 << 20;

/** One MTA's socket and the session on it. */
export class Link implements Outlet {
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #queue: PacketQueue;
  readonly #timeout: ReadTimeout;
  readonly #unsent: Uint8Array[] = [];
  readonly #peer: string;
  readonly #tell: (event: ServerEvent) => void;
  readonly #share: Share;

  constructor(
    socket: Socket,
    options: SessionOptions & { readonly onEvent: (event: ServerEvent) => void },
    pool: BufferPool,
    peer: string,
    share: Share,
  ) {
    this.#socket = socket;
    this.#share = share;
    this.#peer = peer;
    this.#tell = options.onEvent;
    this.#session = new Session(options, this, peer);
    this.#queue = new PacketQueue(this.#session, options.maxPacketBytes, pool, {
      settled: () => {
        this.#settle("packet");
        this.#weigh();
      },
      crashed: (error) => {
        this.#tell({ kind: "internal-error", peer, error });
        this.cut("aborted");
      },
    });
    this.#timeout = new ReadTimeout(options.clock ?? systemClock, (what) => this.#lose(what));
    this.#timeout.keep("negotiation");
    socket.on("data", (chunk) => this.#read(chunk));
    socket.on("drain", this.#weigh);
    socket.on("end", () => this.cut("lost"));
    // Whatever it is (EPIPE, ECONNRESET), the MTA is gone; "close" follows.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.cut("lost");
      // Node (24.21) keeps a closed socket until the next full collection; the session should not be kept with it.
      socket.removeAllListeners();
    });
  }

  /** Answers of one turn leave in one write. */
  send(frame: Uint8Array): void {
    if (this.#unsent.push(frame) === 1) process.nextTick(this.#flush);
  }

  /** Closes the socket once the output has been flushed; a peer that does not read cannot keep it open. */
  close(): void {
    this.#flush();
    this.#queue.end();
    if (this.#socket.writableLength === 0) {
      this.#socket.destroy();
    } else {
      this.#timeout.restart("rest-of-packet");
      this.#socket.destroySoon();
    }
  }

  /** Ends the session, if it has not ended, and the socket with it. */
  cut(why: "lost" | "aborted"): void {
    this.#timeout.stop();
    this.#queue.end();
    this.#session.end(why);
    this.#socket.destroy();
  }

  #read(chunk: Uint8Array): void {
    const before = this.#queue.packets;
    this.#queue.push(chunk);
    this.#settle(this.#queue.packets > before ? "packet" : "bytes");
    this.#weigh();
  }

  /** Says what it holds, which may be its end; and that the MTA speaks, once it does. */
  readonly #weigh = (): void => {
    const { place, hold } = this.#share;
    if (this.#session.hasSpoken) place.prove();
    hold.set(this.#queue.heldBytes + this.#session.heldBytes + this.#socket.writableLength);
  };

  /** What to wait for next. */
  #settle(came: "packet" | "bytes"): void {
    if (this.#session.state === "closed") return;
    if (this.#queue.isFull) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
    if (this.#queue.isBusy) this.#timeout.stop();
    else if (this.#session.state === "new") this.#timeout.keep("negotiation");
    else if (!this.#queue.isInPacket) this.#timeout.restart("command");
    else if (came === "packet") this.#timeout.restart("rest-of-packet");
    else this.#timeout.keep("rest-of-packet");
  }

  #lose(waitedFor: WaitedFor): void {
    if (this.#session.state !== "closed") {
      const deadlineMs = READ_TIMEOUTS_MS[waitedFor];
      this.#tell({ kind: "peer-deadline", peer: this.#peer, waitedFor, deadlineMs });
    }
    this.cut("aborted");
  }

  readonly #flush = (): void => {
    const [first, ...more] = this.#unsent.splice(0);
    if (first === undefined || !this.#socket.writable) return;
    this.#socket.write(more.length === 0 ? first : Buffer.concat([first, ...more]));
    const unsentBytes = this.#socket.writableLength;
    if (unsentBytes === 0) return;
    if (unsentBytes <= MAX_UNSENT_BYTES) {
      this.#weigh();
      return;
    }
    this.#tell({ kind: "not-reading", peer: this.#peer, unsentBytes });
    this.cut("lost");
  };
}
