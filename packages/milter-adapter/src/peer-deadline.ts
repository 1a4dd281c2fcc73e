import type { StartTimer } from "./timers.ts";

/** What a connection waits for. */
export type Awaited = "negotiation" | "rest-of-packet" | "command";

/** The milliseconds a peer has for each. */
export type PeerDeadlines = Readonly<Record<Awaited, number>>;

/** One deadline for one connection: it runs from when a thing was first waited for, however many bytes trickle in. */
export class PeerDeadline {
  readonly #startTimer: StartTimer;
  readonly #deadlines: PeerDeadlines;
  readonly #onMissed: (awaited: Awaited, deadlineMs: number) => void;
  #awaited: Awaited | undefined;
  #turn = -1;
  #stop: (() => void) | undefined;

  constructor(
    startTimer: StartTimer,
    deadlines: PeerDeadlines,
    onMissed: (awaited: Awaited, deadlineMs: number) => void,
  ) {
    this.#startTimer = startTimer;
    this.#deadlines = deadlines;
    this.#onMissed = onMissed;
  }

  /** @param turn counts the packets that came: the same thing in a later turn is a new wait. */
  wait(awaited: Awaited, turn: number): void {
    if (awaited === this.#awaited && turn === this.#turn) return;
    this.clear();
    this.#awaited = awaited;
    this.#turn = turn;
    const deadlineMs = this.#deadlines[awaited];
    this.#stop = this.#startTimer(deadlineMs, () => this.#onMissed(awaited, deadlineMs));
  }

  clear(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#awaited = undefined;
  }
}
