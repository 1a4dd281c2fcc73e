import { encodeResult, type Result } from "../wire/encode.ts";
import type { Request } from "../wire/line.ts";

/** One request of smtpd that is to be answered. */
export interface PendingRequest {
  readonly request: Request;
  result: Result | null;
}

/**
 * The requests of one session that are open: each is answered exactly once, in their order. A second answer ends
 * smtpd (6.8, 7.8), and it asks one thing at a time.
 */
export class RequestQueue {
  readonly #send: (line: string) => void;
  readonly #onDoubleAnswer: (request: Request) => void;
  readonly #queue: PendingRequest[] = [];
  #isDropped = false;

  constructor(send: (line: string) => void, onDoubleAnswer: (request: Request) => void) {
    this.#send = send;
    this.#onDoubleAnswer = onDoubleAnswer;
  }

  get count(): number {
    return this.#queue.length;
  }

  add(request: Request): PendingRequest {
    const pending: PendingRequest = { request, result: null };
    this.#queue.push(pending);
    return pending;
  }

  /** Answers one, and those behind it that have waited for it. */
  give(pending: PendingRequest, result: Result): void {
    if (this.#isDropped) return;
    if (pending.result !== null) {
      this.#onDoubleAnswer(pending.request);
      return;
    }
    pending.result = result;
    for (;;) {
      const [first] = this.#queue;
      if (first === undefined || first.result === null) return;
      this.#queue.shift();
      this.#send(encodeResult(first.request, first.result));
    }
  }

  /** Answers all that are open. */
  giveAll(resultFor: (request: Request) => Result): void {
    for (const pending of [...this.#queue])
      if (pending.result === null) this.give(pending, resultFor(pending.request));
  }

  /** The session is gone: nothing is answered any more. */
  drop(): void {
    this.#isDropped = true;
    this.#queue.length = 0;
  }
}
