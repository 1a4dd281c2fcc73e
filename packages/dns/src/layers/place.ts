import type { Question } from "../answer/question.ts";

/** The place of a question under way. */
export interface Place {
  readonly sinceMs: number;
  /** Aborts when nobody waits for the answer, or the place is lost. */
  readonly signal: AbortSignal;
  /** Somebody else has it: the question is dropped. */
  lose(): void;
  isLost(): boolean;
  /** The question has its answer. */
  leave(): void;
}

export function takeUp({ signal }: Question, sinceMs: number): Place {
  const unwanted = new AbortController();
  const onAbort = (): void => unwanted.abort();
  let isLost = false;
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  return {
    sinceMs,
    signal: unwanted.signal,
    lose: () => {
      isLost = true;
      unwanted.abort();
    },
    isLost: () => isLost,
    leave: () => signal?.removeEventListener("abort", onAbort),
  };
}
