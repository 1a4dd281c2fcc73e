import type { StartTimer } from "../timers.ts";

/** A clock that stands still until it is moved. */
export class FakeClock {
  #nowMs = 0;
  #order = 0;
  readonly #timers = new Map<number, { readonly atMs: number; readonly fire: () => void }>();

  readonly startTimer: StartTimer = (delayMs, fire) => {
    this.#order += 1;
    const id = this.#order;
    this.#timers.set(id, { atMs: this.#nowMs + delayMs, fire });
    return () => this.#timers.delete(id);
  };

  /** What time it is. */
  readonly now = (): number => this.#nowMs;

  /** Timers that are still to fire. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves to the next timer and fires it; false if there is none. */
  fireNext(): boolean {
    let next: number | undefined;
    for (const [id, { atMs }] of this.#timers)
      if (next === undefined || atMs < (this.#timers.get(next)?.atMs ?? 0)) next = id;
    const timer = next === undefined ? undefined : this.#timers.get(next);
    if (next === undefined || timer === undefined) return false;
    this.#timers.delete(next);
    this.#nowMs = timer.atMs;
    timer.fire();
    return true;
  }

  /** Moves on, firing what is due on the way; how many timers that were. */
  advance(byMs: number): number {
    const untilMs = this.#nowMs + byMs;
    let fired = 0;
    while (this.#isDueBy(untilMs)) {
      this.fireNext();
      fired += 1;
    }
    this.#nowMs = untilMs;
    return fired;
  }

  #isDueBy(untilMs: number): boolean {
    for (const { atMs } of this.#timers.values()) if (atMs <= untilMs) return true;
    return false;
  }
}
