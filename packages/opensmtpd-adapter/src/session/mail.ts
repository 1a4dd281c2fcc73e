import type { Ask, Fact, FailureAnswer } from "../engine-messages.ts";
import type { Addressee, Result } from "../wire/encode.ts";
import type { TransactionResult } from "../wire/line.ts";
import type { FilterContext } from "./filter-context.ts";
import { HeldMessage } from "./held-message.ts";
import type { Ending } from "./questions.ts";
import type { PendingRequest } from "./request-queue.ts";

/** The session that a transaction is in. */
export interface MailSession {
  readonly number: number;
  readonly onFailure: () => FailureAnswer;
  readonly ask: (ask: Ask, settle: (ending: Ending) => void) => void;
  readonly tell: (fact: Fact) => void;
  readonly settle: (pending: PendingRequest, ending: Ending) => Result["kind"];
}

const CONTINUE: Ending = { kind: "continue" };
const LOST: Ending = { kind: "lost" };

/**
 * One mail transaction. What is asked at `mail-from` and `rcpt-to` are candidates: that they are accepted, `tx-mail`
 * and `tx-rcpt` say. Where an earlier filter of the chain ended a phase (`junk`, `rewrite`), only those come.
 */
export class Mail {
  readonly #from: string;
  readonly #session: MailSession;
  readonly #context: FilterContext;
  readonly #generation: number;
  /** The engine has no part in it: it was lost, or failed, or refused. */
  #isUnwatched = false;
  /** MAIL was answered so that smtpd knows of none. */
  #isRefused = false;
  /** A refusal that came when there was nothing to answer: told at the next request. */
  #refusal: string | null = null;
  readonly #letIn = new Set<string>();
  #candidate: string | null = null;
  #message: HeldMessage | undefined;

  /** @param from null: nothing was said of it. */
  constructor(from: string | null, session: MailSession, context: FilterContext) {
    this.#from = from ?? "";
    this.#isUnwatched = from === null;
    this.#session = session;
    this.#context = context;
    this.#generation = context.engine.generation;
  }

  get message(): HeldMessage | undefined {
    return this.#message;
  }

  /** Whether `tx-mail` with this address tells of this transaction, and not of one that we were not asked about. */
  isFrom(address: string): boolean {
    return this.#from === address && !this.#isRefused;
  }

  /** MAIL is asked about; or, without a request, has been accepted. */
  begin(pending: PendingRequest | null): void {
    this.#session.ask({ kind: "mail", from: this.#from }, (ending) => {
      if (ending.kind !== "continue") this.#isUnwatched = true;
      if (pending !== null) this.#isRefused = this.#session.settle(pending, ending) !== "proceed";
      else if (ending.kind === "refuse") this.#refusal = ending.reply;
    });
  }

  /** smtpd has named the message. */
  named(id: string): void {
    if (this.isWatched) this.#session.tell({ kind: "queue-id", id });
  }

  rcpt(pending: PendingRequest, address: string): void {
    this.#askFor(pending, { kind: "rcpt", to: address }, () => this.#letIn.add(address));
    this.#candidate = address;
  }

  /** `tx-rcpt`: what became of a recipient. */
  recipient(result: TransactionResult, address: string): void {
    const candidate = this.#candidate;
    this.#candidate = null;
    // A later filter has rewritten it: the one that we know is not used.
    if (candidate !== null && candidate !== address) this.#outcome(candidate, "refused");
    if (this.#letIn.has(address)) {
      this.#outcome(address, result === "ok" ? "accepted" : "refused");
      return;
    }
    if (result !== "ok" || candidate === address || !this.isWatched) return;
    this.#session.ask({ kind: "rcpt", to: address }, (ending) => {
      if (ending.kind === "continue") this.#letIn.add(address);
      else if (ending.kind === "refuse") this.#refusal = ending.reply;
    });
  }

  data(pending: PendingRequest): void {
    this.#askFor(pending, { kind: "data" }, () => {});
  }

  /** The message that lines of this token belong to; undefined: they are not ours to hold. */
  messageOf(addressee: Addressee): HeldMessage | undefined {
    const last = this.#message;
    if (last !== undefined && last.token !== addressee.token) return undefined;
    if (last !== undefined && !last.isReleased) return last;
    const { number: session, onFailure } = this.#session;
    // There is one message in a transaction: of another one we have missed the beginning.
    const isWatched = () => last === undefined && this.isWatched;
    last?.drop();
    this.#message = new HeldMessage(addressee, { session, isWatched, onFailure }, this.#context);
    return this.#message;
  }

  commit(pending: PendingRequest): void {
    const reply = this.#verdict;
    this.#session.settle(pending, reply === null ? CONTINUE : { kind: "refuse", reply });
  }

  /** It is over. */
  end(how: "queued" | "rolled-back"): void {
    const { isWatched } = this;
    const isRefused = this.#verdict !== null;
    this.#message?.drop();
    this.#isUnwatched = true;
    if (!isWatched) return;
    const what = how === "queued" ? "queued" : isRefused ? "refused" : "aborted";
    this.#session.tell({ kind: "ended", how: what });
  }

  /** The engine that is there now knows of it. */
  get isWatched(): boolean {
    const { generation } = this.#context.engine;
    return !this.#isUnwatched && generation !== 0 && generation === this.#generation;
  }

  /** It counts as long as nobody was let in. */
  get #untold(): string | null {
    return this.#letIn.size === 0 ? this.#refusal : null;
  }

  /** What commit is answered with; null: it goes on. */
  get #verdict(): string | null {
    return this.#untold ?? this.#message?.refusal ?? null;
  }

  #outcome(to: string, what: "accepted" | "refused"): void {
    if (what === "refused" && !this.#letIn.delete(to)) return;
    if (this.isWatched) this.#session.tell({ kind: "outcome", to, what });
  }

  /** Asks, unless a refusal is left to be told, or there is nobody to be asked. */
  #askFor(pending: PendingRequest, ask: Ask, onContinue: () => void): void {
    const settle = (ending: Ending): void => {
      const reply = this.#untold;
      if (ending.kind === "continue") onContinue();
      const isTold = ending.kind === "continue" || ending.kind === "refuse" || reply === null;
      this.#session.settle(pending, isTold ? ending : { kind: "refuse", reply });
    };
    if (this.#untold === null && this.isWatched) this.#session.ask(ask, settle);
    else settle(LOST);
  }
}
