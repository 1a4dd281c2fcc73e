import { Buffer } from "node:buffer";
import {
  type Connection,
  type Open,
  parseMailbox,
  parseReversePath,
  unreachable,
} from "@postern/smtp-filter";
import type { Ask, EngineAnswer, Fact, OpenedClient } from "../engine-messages.ts";
import { describeClient } from "./client.ts";
import { answerOf, EngineMail } from "./engine-mail.ts";

const FAILED: EngineAnswer = { kind: "failed" };

/** One session of smtpd, as the port sees it. Exceptions of the port do not escape. */
export class EngineSession {
  readonly #report: (error: unknown) => void;
  /** undefined where the port could not open one, or it is closed. */
  #connection: Connection | undefined;
  #mail: EngineMail | undefined;

  constructor(client: OpenedClient, open: Open, report: (error: unknown) => void) {
    this.#report = report;
    this.#try(() => {
      this.#connection = open(describeClient(client));
    });
  }

  async answer(ask: Ask): Promise<EngineAnswer> {
    try {
      return await this.#ask(ask);
    } catch (error) {
      this.#report(error);
      return FAILED;
    }
  }

  tell(fact: Fact): void {
    switch (fact.kind) {
      case "secured":
        this.#try(() => this.#connection?.secured({ version: fact.version }));
        return;
      case "authenticated":
        this.#try(() => this.#connection?.authenticated(fact.user));
        return;
      case "outcome": {
        const mail = this.#mail;
        this.#start(() => mail?.outcome(parseMailbox(fact.to), fact.what));
        return;
      }
      case "queue-id":
        if (this.#mail !== undefined) this.#mail.queueId = fact.id;
        return;
      case "ended":
        this.#leaveMail(fact.how);
        return;
      case "close":
        this.close(fact.why);
        return;
      default:
        unreachable(fact);
        return;
    }
  }

  /** Whether the port has enough of the message. */
  content(bytes: Uint8Array): boolean | Promise<boolean> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.#mail?.content(buffer, this.#report) ?? true;
  }

  close(why: "quit" | "lost" | "aborted"): void {
    this.#leaveMail("aborted");
    const connection = this.#connection;
    this.#connection = undefined;
    this.#try(() => connection?.close(why));
  }

  async #ask(ask: Ask): Promise<EngineAnswer> {
    const connection = this.#connection;
    if (connection === undefined) return FAILED;
    switch (ask.kind) {
      case "greet":
        return answerOf(await connection.greet());
      case "hello":
        return answerOf(await connection.hello(ask.name));
      case "mail": {
        this.#leaveMail("aborted");
        const from = parseReversePath(ask.from);
        const isConnected = (): boolean => this.#connection !== undefined;
        this.#mail = new EngineMail(() => connection.mail(from, []), isConnected);
        return this.#mail.sender();
      }
      case "rcpt":
        return this.#mail?.rcpt(parseMailbox(ask.to)) ?? FAILED;
      case "data":
        return this.#mail?.data() ?? FAILED;
      case "end":
        return this.#mail?.end() ?? FAILED;
      default:
        return unreachable(ask);
    }
  }

  #leaveMail(how: "queued" | "refused" | "aborted"): void {
    const mail = this.#mail;
    this.#mail = undefined;
    this.#start(() => mail?.ended(how));
  }

  #start(work: () => Promise<void> | undefined): void {
    work()?.catch(this.#report);
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#report(error);
    }
  }
}
