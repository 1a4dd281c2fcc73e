import type { StartTimer } from "./timers.ts";

/** How a wait for the port ended. */
export type Outcome<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "late" }
  /** The peer left; nobody wants the answer. */
  | { readonly kind: "gone" };

export interface Wait {
  readonly deadlineMs: number;
  /** Called every `progressMs` while the work lasts. */
  readonly progress: { readonly everyMs: number; readonly tell: () => void } | null;
  /** The work ended after its deadline. */
  readonly onLateEnd: () => void;
}

/** Waits for one piece of work at a time, never longer than its deadline, and never rejects. */
export class Guard {
  readonly #startTimer: StartTimer;
  #leave: (() => void) | undefined;
  #hasLeft = false;

  constructor(startTimer: StartTimer) {
    this.#startTimer = startTimer;
  }

  run<T>(start: () => Promise<T>, wait: Wait): Promise<Outcome<T>> {
    if (this.#hasLeft) return Promise.resolve({ kind: "gone" });
    const { promise, resolve } = Promise.withResolvers<Outcome<T>>();
    let state: "open" | "late" | "closed" = "open";
    const stops: (() => void)[] = [];
    const end = (outcome: Outcome<T>) => {
      if (state === "late") wait.onLateEnd();
      if (state !== "open") return;
      state = outcome.kind === "late" ? "late" : "closed";
      for (const stop of stops) stop();
      this.#leave = undefined;
      resolve(outcome);
    };
    // The work is begun inside a promise so that a synchronous throw is a rejection as well.
    new Promise<T>((begin) => begin(start())).then(
      (value) => end({ kind: "value", value }),
      (error: unknown) => end({ kind: "threw", error }),
    );
    this.#leave = () => end({ kind: "gone" });
    stops.push(this.#startTimer(wait.deadlineMs, () => end({ kind: "late" })));
    if (wait.progress !== null) stops.push(this.#repeat(wait.progress));
    return promise;
  }

  /** Ends the wait that is going on, if any, with `gone`; nothing is begun any more. */
  leave(): void {
    this.#hasLeft = true;
    this.#leave?.();
  }

  #repeat({ everyMs, tell }: { readonly everyMs: number; readonly tell: () => void }): () => void {
    let stop = () => {};
    const next = () => {
      stop = this.#startTimer(everyMs, () => {
        tell();
        next();
      });
    };
    next();
    return () => stop();
  }
}
