import type { Facts } from "@postern/filter-core";
import type { Settings } from "./settings.ts";

/**
 * Tarpitting: makes a client with a bad score wait for each answer: the worse, the longer.
 * A client without a score, or for whom no place is free, does not wait.
 */
export class Tarpit {
  readonly #settings: Settings;
  #giveBack: (() => void) | undefined;
  #wake: (() => void) | undefined;
  #isOver = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** @param startedAtMs when the mail server asked: lookup and wait together keep within the stage's deadline. */
  async wait(facts: Facts, startedAtMs: number): Promise<void> {
    const { clock, stageDeadlineMs } = this.#settings;
    const left = stageDeadlineMs - (clock.nowMs() - startedAtMs);
    const delayMs = Math.min(this.#delayOf(facts), left);
    if (delayMs <= 0 || this.#isOver || !this.#hasPlace()) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(delayMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  /** The client is gone: nobody waits any longer, and its place is free. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
    this.#giveBack?.();
  }

  #delayOf({ standing, scores = [] }: Facts): number {
    const { slowFactorMs, mode } = this.#settings.policy;
    if (slowFactorMs === 0 || standing !== "outside" || mode === "observe") return 0;
    const known = scores.flatMap(({ result }) => (result.status === "found" ? [result.value] : []));
    return known.length === 0 ? 0 : (slowFactorMs * (100 - Math.min(...known))) / 100;
  }

  #hasPlace(): boolean {
    this.#giveBack ??= this.#settings.tarpitPlaces.take();
    return this.#giveBack !== undefined;
  }
}
