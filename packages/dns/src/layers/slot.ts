import type { Question } from "../answer/question.ts";

/** One of the places for questions under way, taken by a question. */
export interface Slot {
  readonly sinceMs: number;
  /** Aborts when nobody waits for the answer, or the slot is taken away. */
  readonly signal: AbortSignal;
  /** Somebody else gets it: the question is dropped. */
  revoke(): void;
  isRevoked(): boolean;
  /** The question has its answer. */
  release(): void;
}

export function openSlot({ signal }: Question, sinceMs: number): Slot {
  const unwanted = new AbortController();
  const onAbort = (): void => unwanted.abort();
  let isRevoked = false;
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  return {
    sinceMs,
    signal: unwanted.signal,
    revoke: () => {
      isRevoked = true;
      unwanted.abort();
    },
    isRevoked: () => isRevoked,
    release: () => signal?.removeEventListener("abort", onAbort),
  };
}
