import type { Clock } from "../clock.ts";
import { BATCH_CHANGES, BATCH_MS } from "../limits.ts";
import type { Change } from "../port.ts";

export interface WriteQueueOptions {
  readonly clock: Clock;
  /** More changes than these are dropped. */
  readonly limit: number;
  /** Writes a batch. Never rejects. `again`: nothing of it was written, and it may be tried once more. */
  send(batch: readonly Change[]): Promise<"done" | "again">;
  /** Whether sending makes sense now. */
  isUp(): boolean;
  /** Called with how many changes found no room. */
  onDropped(count: number): void;
}

/** Changes on their way: sent 500 at a time or 100 ms after the first, one batch after the other. */
export class WriteQueue {
  readonly #options: WriteQueueOptions;
  #waiting: Change[] = [];
  #inFlight = 0;
  /** One batch is on its way at a time. */
  #pump: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #isDiscarded = false;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.length + this.#inFlight;
  }

  push(change: Change): void {
    if (this.size >= this.#options.limit) {
      this.#options.onDropped(1);
      return;
    }
    this.#waiting.push(change);
    if (this.#waiting.length >= BATCH_CHANGES) this.wake();
    else this.#cancelTimer ??= this.#options.clock.after(BATCH_MS, this.wake);
  }

  /** Sends what waits, unless the store is down. */
  readonly wake = (): void => {
    this.#stopTimer();
    if (this.#pump === undefined) void this.#start(BATCH_CHANGES);
  };

  /** Sends everything; ends early when the store does not take it. */
  async drain(): Promise<void> {
    while (this.#pump !== undefined) await this.#pump;
    this.#stopTimer();
    await this.#start(1);
  }

  /** Sends everything, again and again where that may help, and ends when nothing waits or the time is over. */
  async drainFor(deadlineMs: number): Promise<void> {
    const { clock, isUp } = this.#options;
    const endMs = clock.nowMs() + deadlineMs;
    for (;;) {
      await this.drain();
      if (this.size === 0 || !isUp() || clock.nowMs() + BATCH_MS >= endMs) return;
      await new Promise<void>((resolve) => void clock.after(BATCH_MS, resolve));
    }
  }

  /** Gives up what still waits, and what comes back from now on. */
  discard(): void {
    this.#isDiscarded = true;
    this.#stopTimer();
    if (this.#waiting.length > 0) this.#options.onDropped(this.#waiting.length);
    this.#waiting = [];
  }

  #start(enough: number): Promise<void> {
    this.#pump = this.#sendAll(enough).finally(() => {
      this.#pump = undefined;
    });
    return this.#pump;
  }

  /** At least one batch, then more as long as `enough` changes wait. */
  async #sendAll(enough: number): Promise<void> {
    let outcome: "done" | "again" = "done";
    do {
      if (this.#waiting.length === 0 || !this.#options.isUp()) break;
      outcome = await this.#sendOne();
    } while (outcome === "done" && this.#waiting.length >= enough);
    // While the store is down its breaker wakes this queue.
    if (this.#waiting.length > 0 && this.#options.isUp()) {
      this.#cancelTimer ??= this.#options.clock.after(BATCH_MS, this.wake);
    }
  }

  async #sendOne(): Promise<"done" | "again"> {
    const batch = this.#waiting.splice(0, BATCH_CHANGES);
    this.#inFlight = batch.length;
    const outcome = await this.#options.send(batch);
    this.#inFlight = 0;
    if (outcome === "done") return outcome;
    if (this.#isDiscarded) this.#options.onDropped(batch.length);
    else this.#waiting = [...batch, ...this.#waiting];
    return outcome;
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
