import type { Clock } from "./clock.ts";

/** How a call of a filter ended. */
export type CallResult<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "failed"; readonly why: "threw" | "late" }
  /** The mail server left: nobody wants the answer. */
  | { readonly kind: "gone" };

/** What went wrong with a filter: a bug of it, or of what it waits for. */
export type FilterFailure =
  /** It threw or rejected. The configured answer is given. */
  | { readonly kind: "handler-error"; readonly error: unknown }
  /** It did not answer in time. The configured answer is given. */
  | { readonly kind: "deadline"; readonly deadlineMs: number }
  /** The answer that came after all; it is dropped. */
  | { readonly kind: "late-answer" };

/** What the mail server is told while it waits. */
export interface Progress {
  readonly everyMs: number;
  readonly tell: () => void;
}

/** Calls one filter: what it throws and how late it is reach nobody but `report`. */
export interface FilterGuard<Stage> {
  /** Waits for an answer, no longer than `deadlineMs`. Never rejects. */
  ask<T>(
    stage: Stage,
    deadlineMs: number,
    work: () => Promise<T>,
    progress?: Progress | null,
  ): Promise<CallResult<T>>;
  /** Does what the filter does at once. */
  tell<T>(stage: Stage, work: () => T): CallResult<T>;
  /** The mail server has left: what is waited for ends with `gone`, and nothing is begun any more. */
  leave(): void;
}

/**
 * The one way in which an adapter calls a filter: each call ends once, in time, and without an exception.
 *
 * @param report is told of each failure, and at which stage it came.
 */
export function guardFilter<Stage>(
  clock: Pick<Clock, "after">,
  report: (failure: FilterFailure, stage: Stage) => void,
): FilterGuard<Stage> {
  const waits = new Set<() => void>();
  let hasLeft = false;
  return {
    ask<T>(
      stage: Stage,
      deadlineMs: number,
      work: () => Promise<T>,
      progress: Progress | null = null,
    ): Promise<CallResult<T>> {
      if (hasLeft) return Promise.resolve({ kind: "gone" });
      const { promise, resolve } = Promise.withResolvers<CallResult<T>>();
      let state: "open" | "late" | "over" = "open";
      const leave = (): void => end({ kind: "gone" });
      const end = (result: CallResult<T>, failure?: FilterFailure): void => {
        if (state !== "open") return;
        state = failure?.kind === "deadline" ? "late" : "over";
        waits.delete(leave);
        cancelDeadline();
        cancelProgress();
        if (failure !== undefined) report(failure, stage);
        resolve(result);
      };
      const late = (): void =>
        end({ kind: "failed", why: "late" }, { kind: "deadline", deadlineMs });
      const ended = (result: CallResult<T>, failure?: FilterFailure): void => {
        if (state === "late") report({ kind: "late-answer" }, stage);
        else end(result, failure);
      };
      const cancelDeadline = clock.after(deadlineMs, late);
      const cancelProgress = progress === null ? () => {} : repeat(clock, progress);
      waits.add(leave);
      // Begun inside a promise, so that a synchronous throw is a rejection as well.
      new Promise<T>((begin) => begin(work())).then(
        (value) => ended({ kind: "value", value }),
        (error: unknown) =>
          ended({ kind: "failed", why: "threw" }, { kind: "handler-error", error }),
      );
      return promise;
    },
    tell(stage, work) {
      if (hasLeft) return { kind: "gone" };
      try {
        return { kind: "value", value: work() };
      } catch (error) {
        report({ kind: "handler-error", error }, stage);
        return { kind: "failed", why: "threw" };
      }
    },
    leave() {
      hasLeft = true;
      for (const leave of waits) leave();
    },
  };
}

function repeat(clock: Pick<Clock, "after">, { everyMs, tell }: Progress): () => void {
  let cancel = (): void => {};
  const next = (): void => {
    cancel = clock.after(everyMs, () => {
      tell();
      next();
    });
  };
  next();
  return () => cancel();
}
