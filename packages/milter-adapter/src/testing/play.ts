import { fakeClock, Random, WatchedPort } from "@postern/smtp-filter/testing";
import { Session } from "../translate.ts";
import { faultOfHeader } from "./check-header.ts";
import { faultOfReply } from "./check-reply.ts";
import { isDue, isMalformed, wordsOf } from "./due.ts";
import type { Sequence, Step } from "./sequences.ts";

/** Microtasks after which what has not ended waits for the clock. */
const MICROTASKS = 60;

/** How much a sequence did, so that a test can tell that it reached deep. */
export interface Played {
  readonly replies: number;
  readonly modifications: number;
  readonly skips: number;
  readonly transactions: number;
}

/**
 * Plays a sequence against a session, and checks it from outside: what is due is computed from the bits of the
 * OPTNEG answer as sent, not asked of the session.
 *
 * @throws {Error} with the first fault.
 */
export async function play(sequence: Sequence): Promise<Played> {
  const player = new Player(sequence);
  for (const step of sequence.steps) await player.step(step);
  return player.finish();
}

class Player {
  readonly #clock = fakeClock();
  readonly #port: WatchedPort;
  readonly #session: Session;
  readonly #options: Sequence["options"];
  #frames: string[] = [];
  #closes = 0;
  /** By our own account. */
  #isOver = false;
  #negotiated: { readonly actions: number; readonly protocol: number } | undefined;
  #opens = 0;
  #maySeePostfix = false;
  #counts = { replies: 0, modifications: 0, skips: 0 };

  constructor({ seed, options }: Sequence) {
    this.#port = new WatchedPort(new Random(seed ^ 0x5bd1e995), this.#clock, "one");
    this.#options = options;
    this.#session = new Session(
      { ...options, open: () => this.#port.open(), clock: this.#clock },
      {
        send: (frame) => this.#frames.push(Buffer.from(frame).toString("latin1")),
        close: () => {
          this.#closes += 1;
        },
      },
      "test",
    );
  }

  async step(step: Step): Promise<void> {
    const { packet } = step;
    const transactions = this.#port.transactions.length;
    const taken = this.#session.take(new Uint8Array(Buffer.from(packet, "latin1")));
    if (step.leaves) this.#session.end("lost");
    if (taken !== undefined) await this.#patiently(taken);
    const frames = this.#frames.map((frame) => this.#unframed(frame));
    this.#frames = [];
    if (step.leaves && !this.#isOver) this.#left(frames, transactions);
    else this.#check(packet, frames);
    await this.#think(step.thinkMs);
    this.#failOn(this.#port.faults[0]);
  }

  async finish(): Promise<Played> {
    this.#session.end("lost");
    this.#isOver = true;
    await this.#think(200_000);
    this.#failOn(this.#port.faults[0]);
    if (this.#port.opens !== this.#opens) this.#failOn(`${this.#port.opens} opens`);
    if (this.#port.connections.some(({ isClosed }) => !isClosed)) this.#failOn("left open");
    for (const { ends, wasPrompt } of this.#port.transactions)
      if (ends !== 1 && wasPrompt) this.#failOn(`a transaction ended ${ends} times`);
    return { ...this.#counts, transactions: this.#port.transactions.length };
  }

  /** Waits for a packet to be done with, moving the clock where nothing else moves. */
  async #patiently(taken: Promise<void>): Promise<void> {
    let isDone = false;
    const done = taken.then(() => {
      isDone = true;
    });
    for (let fired = 0; !isDone; fired += 1) {
      for (let i = 0; i < MICROTASKS && !isDone; i += 1) await undefined;
      if (!isDone && (fired > 200 || !this.#clock.fireNext())) this.#failOn("it never ends");
    }
    return done;
  }

  async #think(ms: number): Promise<void> {
    if (this.#clock.advanceNow(ms) > 0) for (let i = 0; i < MICROTASKS; i += 1) await undefined;
    if (this.#frames.length > 0) this.#failOn(`sent out of turn: ${JSON.stringify(this.#frames)}`);
  }

  /** The MTA left while we worked: what was sent before is its business, nothing may follow. */
  #left(frames: readonly string[], transactions: number): void {
    this.#isOver = true;
    if (frames.length > 1) this.#failOn("more than one frame to an MTA that left");
    for (const transaction of this.#port.transactions.slice(transactions))
      transaction.wasPrompt = false;
    this.#opens = this.#port.opens;
  }

  #check(packet: string, frames: readonly string[]): void {
    const letters = frames.map((frame) => frame[0]).join("");
    if (this.#isOver) {
      this.#expect(letters === "", "nothing", letters);
    } else if (this.#closesOn(packet)) {
      this.#isOver = true;
      this.#expect(letters === "" && this.#closes === 1, "a closed connection", letters);
    } else {
      this.#expect(this.#closes === 0, "an open connection", letters);
      if (packet[0] === "C") this.#opens += 1;
      if (packet.startsWith("DC")) this.#maySeePostfix ||= packet.includes("Postfix");
      if (packet[0] === "O") this.#checkOffer(packet, frames);
      else if (isDue(packet, this.#negotiated?.protocol ?? 0))
        this.#checkReply(packet, frames, letters);
      else this.#expect(letters === "", "nothing", letters);
    }
  }

  #closesOn(packet: string): boolean {
    if (isMalformed(packet) || packet[0] === "Q") return true;
    if (packet[0] !== "O" || this.#negotiated !== undefined)
      return packet[0] === "O" || this.#negotiated === undefined;
    const isPoor = ((wordsOf(packet)[1] || 0x0f) & 0x11) !== 0x11;
    return isPoor && this.#options.onMissingActions === "close";
  }

  #checkOffer(packet: string, frames: readonly string[]): void {
    const [version, offeredActions, offeredProtocol] = wordsOf(packet);
    const offered = { actions: offeredActions || 0x0f, protocol: offeredProtocol || 0x3f };
    const [frame = ""] = frames;
    this.#expect(frames.length === 1 && frame[0] === "O", "one O", frame);
    const [answered, actions, protocol] = wordsOf(frame);
    this.#expect(answered === Math.min(version, 6), "the older version", frame);
    this.#expect((actions & ~offered.actions) === 0, "offered actions only", frame);
    this.#expect((protocol & ~offered.protocol) === 0, "offered protocol only", frame);
    const hasLists = frame.length > 13;
    this.#expect(hasLists === ((actions & 0x100) !== 0), "lists with their bit only", frame);
    this.#expect(!hasLists || answered === 6, "no lists before version 6", frame);
    this.#negotiated = { actions, protocol };
  }

  #checkReply(packet: string, frames: readonly string[], letters: string): void {
    const letter = packet[0] ?? "";
    const { actions, protocol } = this.#negotiated ?? { actions: 0, protocol: 0 };
    const [, progress = "", modifications = "", final = ""] =
      /^(p*)([mi]*)([cyts])$/.exec(letters) ?? [];
    this.#expect(final !== "", "one final reply, last", letters);
    this.#expect(progress === "" || letter === "E" || this.#maySeePostfix, "no p", letters);
    this.#expect(modifications === "" || letter === "E", "no modifications", letters);
    this.#expect(!modifications.includes("i") || (actions & 0x01) !== 0, "no i", letters);
    this.#expect(!modifications.includes("m") || (actions & 0x10) !== 0, "no m", letters);
    this.#expect(letter !== "C" || final === "c", "c to CONNECT", letters);
    this.#expect(final !== "t" || this.#options.onFailure === "tempfail", "no t", letters);
    const canSkip = letter === "B" && (protocol & 0x400) !== 0;
    const { bodyWish } = this.#port;
    this.#expect(final !== "s" || (canSkip && bodyWish !== "all"), "no s", letters);
    this.#expect(final === "s" || !canSkip || bodyWish !== "enough", "s", letters);
    for (const frame of frames) this.#checkFrame(letter, frame);
    this.#counts.replies += 1;
    this.#counts.modifications += modifications.length;
    this.#counts.skips += final === "s" ? 1 : 0;
  }

  #checkFrame(letter: string, frame: string): void {
    const payload = frame.slice(1);
    if (frame[0] === "y") {
      this.#failOn(faultOfReply(payload));
      this.#expect(letter === "H" || !/^[45]21/.test(payload), "no disconnect", payload);
    } else if (frame[0] === "i" || frame[0] === "m") {
      this.#failOn(faultOfHeader(payload));
    } else {
      this.#expect(payload === "", "no payload", frame);
    }
  }

  #unframed(frame: string): string {
    const length = Buffer.from(frame, "latin1").readUInt32BE(0);
    this.#expect(length === frame.length - 4 && length <= 65_536, "a true length", frame);
    return frame.slice(4);
  }

  #expect(isSo: boolean, expected: string, got: string): void {
    if (!isSo) this.#failOn(`expected ${expected}, not ${JSON.stringify(got.slice(0, 200))}`);
  }

  #failOn(fault: string | undefined): void {
    if (fault !== undefined) throw new Error(fault);
  }
}
