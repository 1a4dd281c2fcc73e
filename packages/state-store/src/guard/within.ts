import type { Clock } from "../clock.ts";

/** What became of something that had to be done in time. What comes later, an error too, goes nowhere. */
export type Outcome<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "late" };

/** Never rejects. */
export function within<T>(
  clock: Clock,
  deadlineMs: number,
  work: () => Promise<T>,
): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    const cancel = clock.after(deadlineMs, () => resolve({ kind: "late" }));
    const settle = (outcome: Outcome<T>) => {
      cancel();
      resolve(outcome);
    };
    // A backend that throws at once is a failure like any other.
    (async () => work())().then(
      (value) => settle({ kind: "done", value }),
      (error: unknown) => settle({ kind: "failed", error }),
    );
  });
}
