import type { Ask, FailureAnswer } from "../engine-messages.ts";
import type { Addressee, Result } from "../wire/encode.ts";
import type { ReportEvent, Request } from "../wire/line.ts";
import { ClientState } from "./client-state.ts";
import type { FilterContext } from "./filter-context.ts";
import type { HeldMessage } from "./held-message.ts";
import { Mail, type MailSession } from "./mail.ts";
import type { Ending } from "./questions.ts";
import { type PendingRequest, RequestQueue } from "./request-queue.ts";
import { resultFor } from "./results.ts";

/** One SMTP session of smtpd. */
export class Session implements MailSession {
  readonly number: number;
  /** How many sweeps nothing has come in; lines of a message count from one sweep to the next. */
  idleSweeps = 0;
  sweptLines = 0;
  readonly #id: string;
  readonly #context: FilterContext;
  readonly #requests: RequestQueue;
  readonly #client: ClientState;
  readonly #questions = new Set<number>();
  #mail: Mail | undefined;

  constructor(id: string, context: FilterContext) {
    this.number = context.nextNumber();
    this.#id = id;
    this.#context = context;
    this.#client = new ClientState(this.number, context);
    this.#requests = new RequestQueue(
      (line) => context.outlet.send(line),
      ({ phase }) => context.report({ kind: "double-answer", session: id, phase: phase.kind }),
    );
  }

  /** Handles a report, which gets no answer. The end of the session is `close`. */
  see(event: ReportEvent): void {
    switch (event.kind) {
      case "link-connect":
        this.#client.source = event.source;
        this.#client.destination = event.destination;
        break;
      case "link-identify":
        this.#identified(event.identity);
        break;
      case "link-tls":
        // smtpd forgets the HELO, and wants another one (6.8, 7.8).
        this.#client.helo = null;
        this.#client.secured(event.tls.split(":", 1)[0] || null);
        break;
      case "link-auth":
        if (event.result === "pass") this.#client.authenticated(event.user);
        break;
      case "tx-mail":
        this.#sender(event.result === "ok" ? event.address : null);
        if (event.result === "ok") this.#mail?.named(event.message);
        break;
      case "tx-rcpt":
        this.#mail?.recipient(event.result, event.address);
        break;
      case "tx-commit":
        this.#leaveMail("queued");
        break;
      case "tx-rollback":
      case "tx-reset":
        this.#leaveMail("rolled-back");
        break;
      default:
        break;
    }
  }

  /** Handles a request, which gets exactly one answer. */
  answer(request: Request): void {
    const { phase } = request;
    const pending = this.#requests.add(request);
    if (this.#requests.count > 1) {
      const what = `${phase.kind} before the last answer`;
      this.#context.report({ kind: "out-of-order", session: this.#id, what });
    }
    switch (phase.kind) {
      case "connect":
        this.#client.source ||= phase.source;
        this.ask({ kind: "greet" }, (ending) => this.settle(pending, ending));
        break;
      case "helo":
      case "ehlo":
        this.#hello(phase.identity, (ending) => this.settle(pending, ending));
        break;
      case "mail-from":
        this.#begin(phase.address, pending);
        break;
      case "rcpt-to":
        this.#anyMail().rcpt(pending, phase.address);
        break;
      case "data":
        this.#anyMail().data(pending);
        break;
      case "commit":
        this.#anyMail().commit(pending);
        break;
      default:
        this.settle(pending, { kind: "continue" });
    }
  }

  /** The message that lines of this token belong to; undefined: they are to go back as they come. */
  messageOf(addressee: Addressee): HeldMessage | undefined {
    return this.#anyMail().messageOf(addressee);
  }

  /** Asks the engine, if there is one. `settle` is called once, unless the session is closed before. */
  readonly ask = (ask: Ask, settle: (ending: Ending) => void): void => {
    const { engine, questions } = this.#context;
    if (engine.generation === 0) {
      settle({ kind: "lost" });
      return;
    }
    this.#client.introduce(ask.kind);
    const answered = (ending: Ending): void => {
      this.#questions.delete(question);
      settle(ending);
    };
    const question = questions.open(ask.kind, answered, () => this.fault());
    this.#questions.add(question);
    engine.send({ kind: "ask", session: this.number, question, ask });
  };

  readonly tell: MailSession["tell"] = (fact) => this.#client.tell(fact);

  /** Answers a request, as the question about it has ended; what with. */
  readonly settle = (pending: PendingRequest, ending: Ending): Result["kind"] => {
    const result = resultFor(pending.request.phase, ending, this.onFailure());
    this.#requests.give(pending, result);
    return result.kind;
  };

  /** The answer to a failure: mail of authenticated and local users is always accepted. */
  readonly onFailure = (): FailureAnswer =>
    this.#client.isOurs ? "accept" : this.#context.onFailure;

  /** An exception has come up: what is open is answered, and what is held goes back. */
  fault(): void {
    this.#dropQuestions();
    this.#mail?.message?.fault();
    this.#requests.giveAll(({ phase }) => resultFor(phase, { kind: "lost" }, this.onFailure()));
  }

  /** The session is over: nothing is written any more, and nothing is left of it. */
  close(why: "quit" | "lost"): void {
    this.#requests.drop();
    this.#dropQuestions();
    const isInMail = this.#mail !== undefined;
    this.#leaveMail("rolled-back");
    this.#client.tell({ kind: "close", why: isInMail ? "lost" : why });
  }

  /** Of the message that is held, so far. */
  get heldLines(): number {
    return this.#mail?.message?.lines ?? 0;
  }

  #hello(name: string, settle: (ending: Ending) => void): void {
    this.#client.helo = name;
    this.ask({ kind: "hello", name }, settle);
  }

  /** The name that was asked about is in `link-identify` too; another one was not asked about. */
  #identified(identity: string): void {
    if (this.#client.helo !== identity) this.#hello(identity, () => {});
  }

  /** MAIL has been accepted from this address, or (null) not at all. */
  #sender(address: string | null): void {
    if (address === null) this.#leaveMail("rolled-back");
    else if (this.#mail?.isFrom(address) !== true) this.#begin(address, null);
  }

  #begin(address: string, pending: PendingRequest | null): void {
    this.#leaveMail("rolled-back");
    this.#mail = new Mail(address, this, this.#context);
    this.#mail.begin(pending);
  }

  /** The transaction that is open, or one of which nothing was said. */
  #anyMail(): Mail {
    this.#mail ??= new Mail(null, this, this.#context);
    return this.#mail;
  }

  #leaveMail(how: "queued" | "rolled-back"): void {
    const mail = this.#mail;
    this.#mail = undefined;
    mail?.end(how);
  }

  #dropQuestions(): void {
    for (const question of this.#questions) this.#context.questions.drop(question);
    this.#questions.clear();
  }
}
