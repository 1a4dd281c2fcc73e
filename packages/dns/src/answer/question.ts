import type { DnsAnswer } from "./answer.ts";
import type { RecordType } from "./record.ts";

/** A question on its way through the layers. */
export interface Question {
  /** Canonical. */
  readonly name: string;
  readonly type: RecordType;
  /** When the asker stops waiting, on the monotonic clock. Counts from asking, also while it waits in line. */
  readonly untilMs: number;
  /** The network of the client on whose account it is asked; left out: our own. */
  readonly asker?: string;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** What a layer is made of and what it makes. Never rejects. */
export type Ask = (question: Question) => Promise<DnsAnswer>;

/** What makes two questions the same. */
export function keyOf(question: Question): string {
  return `${question.type} ${question.name}`;
}
