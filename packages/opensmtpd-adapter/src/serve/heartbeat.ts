import type { StartTimer } from "../timers.ts";

/** A silence is noticed at most one interval after its limit. */
const BEATS = 4;

export interface HeartbeatOptions {
  /** How long silence may last. */
  readonly limitMs: number;
  /** The same, before it was first heard. */
  readonly startMs: number;
  readonly startTimer: StartTimer;
  /** Asks for a sign of life. */
  readonly ask: () => void;
  readonly onSilence: (limitMs: number) => void;
}

/** Detects a process that has stopped responding. It counts beats, not time: suspending the machine does no harm. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #silentBeats = 0;
  #hasSpoken = false;
  #stopTimer: () => void;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#stopTimer = this.#wait();
  }

  /** A sign of life; the first one ends the patience with its start. */
  heard(): void {
    this.#silentBeats = 0;
    this.#hasSpoken = true;
  }

  stop(): void {
    this.#stopTimer();
  }

  #wait(): () => void {
    const { startTimer, limitMs } = this.#options;
    return startTimer(limitMs / BEATS, () => this.#beat());
  }

  #beat(): void {
    const { limitMs, startMs, ask, onSilence } = this.#options;
    this.#silentBeats += 1;
    const nowMs = this.#hasSpoken ? limitMs : Math.max(limitMs, startMs);
    if (this.#silentBeats > (nowMs * BEATS) / limitMs) {
      onSilence(nowMs);
    } else {
      ask();
      this.#stopTimer = this.#wait();
    }
  }
}
