import type { Ask, FailureAnswer } from "../engine-messages.ts";
import type { Addressee, Result } from "../wire/encode.ts";
import type { ReportEvent, Request } from "../wire/line.ts";
import type { HeldMessage } from "./held-message.ts";
import { Introduction } from "./introduction.ts";
import { Mail, type Talker } from "./mail.ts";
import { type Pending, Pendings } from "./pendings.ts";
import type { Ending } from "./questions.ts";
import { resultFor } from "./results.ts";
import type { Surroundings } from "./surroundings.ts";

/** One SMTP session of smtpd. */
export class Session implements Talker {
  readonly number: number;
  /** How many sweeps nothing has come in; lines of a message count from one sweep to the next. */
  idleSweeps = 0;
  sweptLines = 0;
  readonly #id: string;
  readonly #in: Surroundings;
  readonly #pendings: Pendings;
  readonly #introduction: Introduction;
  readonly #questions = new Set<number>();
  #mail: Mail | undefined;

  constructor(id: string, surroundings: Surroundings) {
    this.number = surroundings.nextNumber();
    this.#id = id;
    this.#in = surroundings;
    this.#introduction = new Introduction(this.number, surroundings);
    this.#pendings = new Pendings(
      (line) => surroundings.outlet.send(line),
      ({ phase }) => surroundings.report({ kind: "double-answer", session: id, phase: phase.kind }),
    );
  }

  /** Handles a report, which gets no answer. The end of the session is `close`. */
  see(event: ReportEvent): void {
    switch (event.kind) {
      case "link-connect":
        this.#introduction.source = event.source;
        this.#introduction.destination = event.destination;
        break;
      case "link-identify":
        this.#identified(event.identity);
        break;
      case "link-tls":
        // smtpd forgets the HELO, and wants another one (6.8, 7.8).
        this.#introduction.helo = null;
        this.#introduction.secured(event.tls.split(":", 1)[0] || null);
        break;
      case "link-auth":
        if (event.result === "pass") this.#introduction.authenticated(event.user);
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
    const pending = this.#pendings.add(request);
    if (this.#pendings.count > 1) {
      const what = `${phase.kind} before the last answer`;
      this.#in.report({ kind: "out-of-order", session: this.#id, what });
    }
    switch (phase.kind) {
      case "connect":
        this.#introduction.source ||= phase.source;
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
    const { engine, questions } = this.#in;
    if (engine.generation === 0) {
      settle({ kind: "lost" });
      return;
    }
    this.#introduction.make(ask.kind);
    const answered = (ending: Ending): void => {
      this.#questions.delete(question);
      settle(ending);
    };
    const question = questions.open(ask.kind, answered, () => this.fault());
    this.#questions.add(question);
    engine.send({ kind: "ask", session: this.number, question, ask });
  };

  readonly tell: Talker["tell"] = (fact) => this.#introduction.tell(fact);

  /** Answers a request, as the question about it has ended; what with. */
  readonly settle = (pending: Pending, ending: Ending): Result["kind"] => {
    const result = resultFor(pending.request.phase, ending, this.onFailure());
    this.#pendings.give(pending, result);
    return result.kind;
  };

  /** The answer to a failure: mail of authenticated and local users is always accepted. */
  readonly onFailure = (): FailureAnswer =>
    this.#introduction.isOurs ? "accept" : this.#in.onFailure;

  /** An exception has come up: what is open is answered, and what is held goes back. */
  fault(): void {
    this.#dropQuestions();
    this.#mail?.message?.fault();
    this.#pendings.giveAll(({ phase }) => resultFor(phase, { kind: "lost" }, this.onFailure()));
  }

  /** The session is over: nothing is written any more, and nothing is left of it. */
  close(why: "quit" | "lost"): void {
    this.#pendings.drop();
    this.#dropQuestions();
    const isInMail = this.#mail !== undefined;
    this.#leaveMail("rolled-back");
    this.#introduction.tell({ kind: "close", why: isInMail ? "lost" : why });
  }

  /** Of the message that is held, so far. */
  get heldLines(): number {
    return this.#mail?.message?.lines ?? 0;
  }

  #hello(name: string, settle: (ending: Ending) => void): void {
    this.#introduction.helo = name;
    this.ask({ kind: "hello", name }, settle);
  }

  /** The name that was asked about is in `link-identify` too; another one was not asked about. */
  #identified(identity: string): void {
    if (this.#introduction.helo !== identity) this.#hello(identity, () => {});
  }

  /** MAIL has been accepted from this address, or (null) not at all. */
  #sender(address: string | null): void {
    if (address === null) this.#leaveMail("rolled-back");
    else if (this.#mail?.isFrom(address) !== true) this.#begin(address, null);
  }

  #begin(address: string, pending: Pending | null): void {
    this.#leaveMail("rolled-back");
    this.#mail = new Mail(address, this, this.#in);
    this.#mail.begin(pending);
  }

  /** The transaction that is open, or one of which nothing was said. */
  #anyMail(): Mail {
    this.#mail ??= new Mail(null, this, this.#in);
    return this.#mail;
  }

  #leaveMail(how: "queued" | "rolled-back"): void {
    const mail = this.#mail;
    this.#mail = undefined;
    mail?.end(how);
  }

  #dropQuestions(): void {
    for (const question of this.#questions) this.#in.questions.drop(question);
    this.#questions.clear();
  }
}
