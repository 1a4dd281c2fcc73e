import { TRY_LATER } from "../wire/reply-line.ts";
import { LIMIT_REFUSALS, type Limit } from "./message-limits.ts";

/** What commit is to be answered with, from what the engine says and from what could be held. */
export class MessageVerdict {
  /** null: it is let in. */
  refusal: string | null = null;
  limit: Limit | null = null;

  /** What is not whole is not stored any further, nor judged. */
  get isIncomplete(): boolean {
    return this.limit === "lines" || this.limit === "storage";
  }

  /** The message was not judged. */
  fail(onFailure: "accept" | "tempfail"): void {
    if (onFailure === "tempfail") this.refusal ??= TRY_LATER;
  }

  /** The message goes back: a limit counts, a long line only where there is no other refusal. */
  conclude(longLines: "refuse" | "wrap"): void {
    if (this.limit === null) return;
    const reply = LIMIT_REFUSALS[this.limit];
    if (this.isIncomplete) this.refusal = reply;
    else if (longLines === "refuse") this.refusal ??= reply;
  }

  /** What was held cannot be read. */
  lose(): void {
    this.refusal = LIMIT_REFUSALS.storage;
  }
}
