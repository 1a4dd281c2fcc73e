import type { Clock } from "@postern/smtp-filter";

/** How a piece of work ended. */
export type Ending<T> = { readonly kind: "done"; readonly value: T } | Fault;

/** Our own failure: the deadline passed, or something threw. */
export type Fault =
  | { readonly kind: "late" }
  | { readonly kind: "failed"; readonly error: unknown };

/** Waits for the work, but no longer than `ms`. Never rejects; what comes late is dropped. */
export function within<T>(clock: Clock, ms: number, work: () => Promise<T>): Promise<Ending<T>> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve({ kind: "late" }));
    const settle = (ending: Ending<T>): void => {
      cancel();
      resolve(ending);
    };
    // Inside an async function a throw before the first await is a rejection too.
    (async () => await work())().then(
      (value) => settle({ kind: "done", value }),
      (error: unknown) => settle({ kind: "failed", error }),
    );
  });
}
