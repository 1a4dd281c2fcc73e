import type { StartTimer } from "./timers.ts";

/** How a wait ended. */
export type Outcome<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "late" };

/**
 * Waits for a piece of work, never longer than its deadline, and never rejects.
 *
 * @param onLateEnd told when work that was late has ended.
 */
export function within<T>(
  startTimer: StartTimer,
  deadlineMs: number,
  work: () => Promise<T>,
  onLateEnd: () => void,
): Promise<Outcome<T>> {
  const { promise, resolve } = Promise.withResolvers<Outcome<T>>();
  let isLate = false;
  const stop = startTimer(deadlineMs, () => {
    isLate = true;
    resolve({ kind: "late" });
  });
  const end = (outcome: Outcome<T>): void => {
    stop();
    if (isLate) onLateEnd();
    else resolve(outcome);
  };
  // Begun inside a promise so that a synchronous throw is a rejection as well.
  new Promise<T>((begin) => begin(work())).then(
    (value) => end({ kind: "value", value }),
    (error: unknown) => end({ kind: "threw", error }),
  );
  return promise;
}
