import {
  type Answer,
  type Connection,
  type Open,
  parseReversePath,
  unreachable,
} from "@postern/smtp-filter";
import type { ClientFacts } from "../wire/client-facts.ts";
import type { Question } from "../wire/question.ts";
import { MAX_RECIPIENTS, OpenMail } from "./open-mail.ts";

const CONTINUE: Answer = { kind: "continue" };

/** What is done with a message. */
export type Admission =
  | { readonly kind: "refuse"; readonly answer: Answer }
  | { readonly kind: "admit"; readonly mail: OpenMail; readonly recipientsLeftOut: boolean };

/** A call that came too late: the session was closed meanwhile. */
export class SessionClosed extends Error {}

/**
 * One SMTP session: a connection of the port, for the many short connections that ask about it. Each request repeats
 * what is known, so whatever the port was not told yet, it is told first; a refusal that comes of that is the answer.
 */
export class SmtpSession {
  readonly #open: Open;
  #connection: Connection | undefined;
  #isClosed = false;
  #helo: string | null = null;
  #isSecured = false;
  #isAuthenticated = false;
  /** A refusal of CONNECT or HELO that was not asked for at its stage: every later answer is this one. */
  #held: { readonly at: "connect" | "helo"; readonly answer: Answer } | undefined;
  #mail: OpenMail | undefined;
  /** The same of MAIL, for this sender. */
  #refusedMail: { readonly from: string; readonly answer: Answer } | undefined;

  constructor(open: Open) {
    this.#open = open;
  }

  /** The most that is kept of what was said and is not judged yet. */
  get heldBytes(): number {
    const refused = this.#refusedMail?.from.length ?? 0;
    return (this.#helo?.length ?? 0) + refused + (this.#mail?.heldBytes ?? 0);
  }

  /** One question at a time. @throws {unknown} what the port throws. */
  async answer(question: Exclude<Question, { kind: "quit" }>): Promise<Answer> {
    const { client } = question;
    if (question.kind === "connect") return this.#start(client);
    const earlier = await this.#catchUp(client, question.kind);
    if (earlier.kind === "refuse") return earlier;
    switch (question.kind) {
      case "helo":
        return this.#hello(client.helo ?? "");
      case "mail":
        return this.#begin(question.from);
      case "rcpt": {
        const mail = await this.#mailOf(question.from);
        return mail instanceof OpenMail ? this.#ask(() => mail.rcpt(question.rcpt)) : mail;
      }
      default:
        return unreachable(question);
    }
  }

  /**
   * The end of a message: everything before it that the port does not know yet.
   *
   * @throws {unknown} what the port throws.
   */
  async admit(
    client: ClientFacts,
    from: string,
    recipients: readonly string[] | null,
  ): Promise<Admission> {
    const earlier = await this.#catchUp(client, "message");
    if (earlier.kind === "refuse") return { kind: "refuse", answer: earlier };
    const mail = await this.#mailOf(from);
    if (!(mail instanceof OpenMail)) return { kind: "refuse", answer: mail };
    const unknown = recipients === null ? [] : mail.compare(recipients);
    let refusal: Answer | undefined;
    for (const to of unknown.slice(0, MAX_RECIPIENTS)) {
      const answer = await this.#ask(() => mail.rcpt(to));
      if (answer.kind === "refuse") refusal ??= answer;
    }
    // One that is let in takes the message; the verdict on it is one for all.
    if (refusal !== undefined && !mail.hasRecipients) {
      this.endMail("refused");
      return { kind: "refuse", answer: refusal };
    }
    return { kind: "admit", mail, recipientsLeftOut: unknown.length > MAX_RECIPIENTS };
  }

  /** The transaction is over, if one is open. */
  endMail(how: "queued" | "refused" | "aborted"): void {
    const mail = this.#mail;
    this.#mail = undefined;
    this.#refusedMail = undefined;
    mail?.transaction?.ended(how);
  }

  /** Once. @throws {unknown} what the port throws. */
  close(why: "quit" | "lost" | "aborted"): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const connection = this.#connection;
    try {
      this.endMail("aborted");
    } finally {
      connection?.close(why);
    }
  }

  async #start(client: ClientFacts): Promise<Answer> {
    if (this.#isClosed) throw new SessionClosed();
    const connection = this.#open({
      address: client.address,
      port: client.port,
      origin: client.ip === null ? "local" : "network",
      localAddress: client.localAddress,
      localPort: client.localPort,
      daemonName: null,
      mta: client.mta,
    });
    this.#connection = connection;
    // An authenticated client passed connect long ago, even if this session is not remembered: no refusal at connect.
    this.#authenticate(connection, client);
    return this.#ask(() => connection.greet());
  }

  #authenticate(connection: Connection, { auth }: ClientFacts): void {
    if (auth === null || this.#isAuthenticated) return;
    this.#isAuthenticated = true;
    connection.authenticated(auth);
  }

  /** Tells the port what it does not know of what comes before a stage. */
  async #catchUp(
    client: ClientFacts,
    stage: "helo" | "mail" | "rcpt" | "message",
  ): Promise<Answer> {
    if (this.#connection === undefined) this.#hold("connect", await this.#start(client));
    const connection = this.#connection;
    if (connection === undefined || this.#isClosed) throw new SessionClosed();
    if (client.tls !== null && !this.#isSecured) {
      this.#isSecured = true;
      connection.secured({ version: client.tls });
    }
    if (stage !== "helo" && client.helo !== null && client.helo !== this.#helo)
      if (this.#held?.at !== "connect") this.#hold("helo", await this.#hello(client.helo));
    this.#authenticate(connection, client);
    // A new HELO takes the place of a refused one.
    if (stage === "helo" && this.#held?.at === "helo") this.#held = undefined;
    return this.#held?.answer ?? CONTINUE;
  }

  #hold(at: "connect" | "helo", answer: Answer): void {
    if (answer.kind === "refuse") this.#held = { at, answer };
    else if (this.#held?.at === at) this.#held = undefined;
  }

  /** HELO or EHLO. One in the middle of a transaction ends it (RFC 5321 section 4.1.4). */
  #hello(name: string): Promise<Answer> {
    this.endMail("aborted");
    this.#helo = name;
    return this.#ask((connection) => connection.hello(name));
  }

  async #begin(from: string): Promise<Answer> {
    this.endMail("aborted");
    const { answer, transaction } = await this.#ask((connection) =>
      connection.mail(parseReversePath(from), []),
    );
    if (answer.kind === "refuse") this.#refusedMail = { from, answer };
    else this.#mail = new OpenMail(from, transaction);
    return answer;
  }

  /** The open transaction of this sender, or else a new one; the refusal of it. */
  async #mailOf(from: string): Promise<OpenMail | Answer> {
    if (this.#mail?.from === from) return this.#mail;
    if (this.#refusedMail?.from === from) return this.#refusedMail.answer;
    const answer = await this.#begin(from);
    return this.#mail ?? answer;
  }

  async #ask<T>(call: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#isClosed || this.#connection === undefined) throw new SessionClosed();
    const value = await call(this.#connection);
    if (this.#isClosed) throw new SessionClosed();
    return value;
  }
}
