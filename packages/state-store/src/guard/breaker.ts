import { asFault, type StoreFault } from "../backend.ts";
import type { Clock } from "../clock.ts";

/** This many failures in a row, or a single conclusive one, mean that the store is down. */
const FAILURES = 5;
/** While it is down. */
export const PROBE_EVERY_MS = 5_000;
/** A probe that does not end would be the last one. */
const PROBE_DEADLINE_MS = 4_000;

/** What fails apart: a file may be read and not written, and the other way round. */
export type Lane = "read" | "write";

export interface BreakerOptions {
  readonly clock: Clock;
  /** @throws {Error} if the store cannot be used. */
  probe(): Promise<void>;
  onDown(reason: string): void;
  onUp(downMs: number): void;
}

type Fault = Pick<StoreFault, "message" | "weight">;

/** Spares everybody the wait for a store that is down, and looks every 5 s whether it is up again. */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #failures: Record<Lane, number> = { read: 0, write: 0 };
  #downs = 0;
  #downSinceMs = 0;
  #fault: Fault | undefined;
  #cancelProbe = () => {};
  #isClosed = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Why the store is down; undefined while it is up. */
  get reason(): string | undefined {
    return this.#fault?.message;
  }

  /** Whether asking may help for all that: it is up, or has only had no time for us. */
  get isWorthATry(): boolean {
    return this.#fault === undefined || this.#fault.weight === "busy";
  }

  get downs(): number {
    return this.#downs;
  }

  /** An answer that was asked for before the store went down says nothing about now; the probe decides. */
  succeeded(lane: Lane): void {
    this.#failures[lane] = 0;
  }

  failed(lane: Lane, fault: Fault): void {
    this.#failures[lane] += 1;
    if (fault.weight === "proof" || this.#failures[lane] >= FAILURES) this.open(fault);
  }

  /** It is down from now on. */
  open(fault: Fault): void {
    if (this.#fault !== undefined || this.#isClosed) return;
    this.#fault = fault;
    this.#downs += 1;
    this.#downSinceMs = this.#options.clock.nowMs();
    this.#scheduleProbe();
    this.#options.onDown(fault.message);
  }

  /** Stops probing. */
  close(): void {
    this.#isClosed = true;
    this.#cancelProbe();
  }

  #scheduleProbe(): void {
    this.#cancelProbe = this.#options.clock.after(PROBE_EVERY_MS, () => void this.#probe());
  }

  async #probe(): Promise<void> {
    const outcome = await this.#outcomeOfProbe();
    if (this.#isClosed) return;
    if (outcome !== undefined) {
      this.#fault = outcome;
      this.#scheduleProbe();
      return;
    }
    this.#fault = undefined;
    this.#failures.read = 0;
    this.#failures.write = 0;
    this.#options.onUp(this.#options.clock.nowMs() - this.#downSinceMs);
  }

  #outcomeOfProbe(): Promise<Fault | undefined> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(PROBE_DEADLINE_MS, () =>
        resolve({
          message: `no answer to a probe within ${PROBE_DEADLINE_MS} ms`,
          weight: "suspicion",
        }),
      );
      this.#options
        .probe()
        .then(
          () => resolve(undefined),
          (error) => resolve(asFault(error)),
        )
        .finally(cancel);
    });
  }
}
