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
  #sending: Promise<"done" | "again"> | undefined;
  #cancelTimer: (() => void) | undefined;

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
    if (this.#sending === undefined) void this.#sendAll("while-full");
  };

  /** Sends everything; ends early when the store does not take it. */
  async drain(): Promise<void> {
    this.#stopTimer();
    while (this.#sending !== undefined) await this.#sending;
    await this.#sendAll("until-empty");
  }

  /** Gives up what still waits. */
  discard(): void {
    this.#stopTimer();
    if (this.#waiting.length > 0) this.#options.onDropped(this.#waiting.length);
    this.#waiting = [];
  }

  async #sendAll(until: "while-full" | "until-empty"): Promise<void> {
    const enough = until === "while-full" ? BATCH_CHANGES : 1;
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
    this.#sending = this.#options.send(batch);
    const outcome = await this.#sending;
    this.#sending = undefined;
    this.#inFlight = 0;
    if (outcome === "again") this.#waiting = [...batch, ...this.#waiting];
    return outcome;
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
