import type { FailureAnswer } from "../engine-messages.ts";

/** The transaction that a message is in. */
export interface MessageOwner {
  /** The number of its session. */
  readonly session: number;
  /** The engine that is there now knows of it. */
  readonly isWatched: () => boolean;
  readonly onFailure: () => FailureAnswer;
}
