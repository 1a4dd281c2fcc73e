import type { Socket } from "node:net";
import type { SessionOptions } from "./options.ts";
import { type Awaited, PeerDeadline, type PeerDeadlines } from "./peer-deadline.ts";
import { startTimer } from "./timers.ts";
import { Session } from "./translate.ts";
import { Framer } from "./wire/framing.ts";
import { ProtocolError } from "./wire/protocol-error.ts";

/** How many packets may wait for their turn before the socket is read no further, and before it is again. */
const MAX_QUEUED = 64;
const FEW_QUEUED = 16;

export interface LinkHooks {
  readonly deadlines: PeerDeadlines;
  readonly onMissed: (awaited: Awaited, deadlineMs: number) => void;
}

/** One socket of an MTA and the session on it: one command at a time, answers in as few writes as there are turns. */
export class Link {
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #framer: Framer;
  readonly #deadline: PeerDeadline;
  #queue: Uint8Array[] = [];
  #taken = 0;
  #packets = 0;
  #isBusy = false;
  #broken: ProtocolError | undefined;
  #outgoing: Uint8Array[] = [];

  constructor(socket: Socket, options: SessionOptions, peer: string, hooks: LinkHooks) {
    this.#socket = socket;
    this.#framer = new Framer(options.maxPacketBytes);
    this.#session = new Session(options, this, peer);
    this.#deadline = new PeerDeadline(
      options.startTimer ?? startTimer,
      hooks.deadlines,
      (awaited, deadlineMs) => {
        hooks.onMissed(awaited, deadlineMs);
        this.abort();
      },
    );
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#read(chunk));
    socket.on("drain", () => this.#balance());
    socket.on("end", () => this.#lose());
    socket.on("close", () => this.#lose());
    // EPIPE and ECONNRESET are an end like any other; `close` follows.
    socket.on("error", () => this.#lose());
    this.#await();
  }

  /** A frame of the session; those of one turn leave together. */
  send(frame: Uint8Array): void {
    if (this.#outgoing.push(frame) === 1) queueMicrotask(() => this.#flush());
  }

  /** The session is over: what it said still leaves. */
  close(): void {
    this.#deadline.clear();
    this.#flush();
    this.#socket.destroySoon();
  }

  /** We end it, whatever goes on. */
  abort(): void {
    this.#session.end("aborted");
    this.close();
  }

  #read(chunk: Uint8Array): void {
    if (this.#broken !== undefined || this.#session.state === "closed") return;
    try {
      this.#framer.push(chunk, (packet) => {
        this.#packets += 1;
        this.#queue.push(packet);
      });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#broken = error;
    }
    this.#work();
  }

  #work(): void {
    while (!this.#isBusy) {
      const packet = this.#queue[this.#taken];
      if (packet === undefined) break;
      this.#taken += 1;
      const turn = this.#session.take(packet);
      if (turn === undefined) continue;
      this.#isBusy = true;
      turn.then(
        () => {
          this.#isBusy = false;
          this.#work();
        },
        () => this.abort(),
      );
    }
    if (!this.#isBusy) {
      this.#queue = [];
      this.#taken = 0;
      if (this.#broken !== undefined) this.#session.break(this.#broken);
    }
    this.#balance();
    this.#await();
  }

  /** Reads on only while there is room for packets, and the MTA takes our answers. */
  #balance(): void {
    const queued = this.#queue.length - this.#taken;
    const isFull = queued > MAX_QUEUED || this.#socket.writableNeedDrain;
    if (isFull) this.#socket.pause();
    else if (this.#socket.isPaused() && queued <= FEW_QUEUED) this.#socket.resume();
  }

  /** The peer has deadlines only while it is its turn. */
  #await(): void {
    const { state } = this.#session;
    if (state === "closed" || this.#isBusy) this.#deadline.clear();
    else if (state === "new") this.#deadline.wait("negotiation", 0);
    else
      this.#deadline.wait(this.#framer.heldBytes > 0 ? "rest-of-packet" : "command", this.#packets);
  }

  #flush(): void {
    if (this.#outgoing.length === 0) return;
    const frames = this.#outgoing;
    this.#outgoing = [];
    if (!this.#socket.writable) return;
    const [first] = frames;
    this.#socket.write(frames.length === 1 && first !== undefined ? first : Buffer.concat(frames));
    if (this.#socket.writableNeedDrain) this.#balance();
  }

  #lose(): void {
    this.#deadline.clear();
    this.#session.end("lost");
  }
}
