import { type Client, parseReversePath, traitsOf, unreachable } from "@postern/smtp-filter";
import { type Answers, verdictFromMail, verdictOf } from "./answers.ts";
import type { EditWriter } from "./edit-writer.ts";
import { MailTransaction } from "./mail-transaction.ts";
import type { MilterConnection, MilterSession } from "./milter-filter.ts";
import { SecurityFacts } from "./security-facts.ts";
import type { Place } from "./state-table.ts";
import type { Command } from "./wire/command.ts";
import type { MacroStore } from "./wire/macros.ts";
import type { Verdict } from "./wire/response.ts";

const CONTINUE: Verdict = { kind: "continue" };
const REFUSALS: ReadonlySet<Verdict["kind"]> = new Set(["reply", "reject", "tempfail"]);

type CommandOf<Kind extends Command["kind"]> = Extract<Command, { kind: Kind }>;
type Spoken = CommandOf<
  "helo" | "mail" | "rcpt" | "data" | "header" | "end-of-headers" | "body" | "end-of-message"
>;

/** One SMTP connection, from CONNECT to its end, as the MTA tells it. */
export class Conversation {
  readonly #answers: Answers;
  readonly #edits: EditWriter;
  readonly #security = new SecurityFacts();
  /** Stays undefined if the port could not open one: every command then gets the failure answer. */
  #connection: MilterConnection | undefined;
  /** A refusal of the connect stage: both MTAs hide its text there, so it is told at HELO, or else at MAIL. */
  #held: { readonly atHelo: Verdict; readonly atMail: Verdict } | undefined;
  #mail: MailTransaction | undefined;
  #helloBytes = 0;
  #fromBytes = 0;
  /** Set where MAIL was refused, or failed: what the end of that message is answered with, should it come. */
  #atEnd: Verdict | undefined;

  constructor(answers: Answers, edits: EditWriter) {
    this.#answers = answers;
    this.#edits = edits;
  }

  async open(client: Client, session: MilterSession): Promise<void> {
    this.#answers.takesProgress = traitsOf(client.mta.name).takesProgress;
    const result = await this.#answers.ask("connect", () => {
      this.#connection = this.#answers.settings.open(client, session);
      return this.#connection.greet();
    });
    if (result.kind === "gone") return;
    const answer = result.kind === "value" ? result.value : null;
    const verdict = answer === null ? this.#answers.failure() : verdictOf(answer);
    const isRefusal = REFUSALS.has(verdict.kind);
    if (isRefusal)
      this.#held = { atHelo: verdict, atMail: answer === null ? verdict : verdictFromMail(answer) };
    this.#answers.give("connect", isRefusal ? CONTINUE : verdict);
  }

  get place(): Place {
    if (this.#connection === undefined) return "unopened";
    return this.#mail?.place ?? (this.#atEnd === undefined ? "connected" : "refused");
  }

  /** Handles a command that the table of states lets through. */
  take(command: Spoken, macros: MacroStore): void | Promise<void> {
    const [connection, mail] = [this.#connection, this.#mail];
    if (connection === undefined) return;
    switch (command.kind) {
      case "helo":
        return this.#helo(connection, command.name, macros);
      case "mail":
        return this.#startMail(connection, command, macros);
      case "rcpt":
        return mail?.rcpt(command, macros);
      case "data":
        return mail?.data();
      case "header":
        return mail?.header(command);
      case "end-of-headers":
        return mail?.endOfHeaders();
      case "body":
        return mail?.body(command.chunk);
      case "end-of-message":
        return mail === undefined ? this.#endRefused() : this.#endMail(mail, command.chunk, macros);
      default:
        return unreachable(command);
    }
  }

  /** The most that the port can have kept of what was said and is not judged yet. */
  get heldBytes(): number {
    return this.#helloBytes + this.#fromBytes + (this.#mail?.heldBytes ?? 0);
  }

  /** A command that the MTA does not know. */
  misspoke(): void {
    const connection = this.#connection;
    if (connection !== undefined) this.#answers.call("unknown", () => connection.misspoke());
  }

  /** Aborts the open transaction, if there is one. */
  leaveMail(): void {
    this.#mail?.abort();
    this.#mail = undefined;
    this.#atEnd = undefined;
    if (this.#answers.state === "mail") this.#answers.state = "connected";
  }

  close(why: "quit" | "lost" | "aborted"): void {
    this.leaveMail();
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) this.#answers.call("quit", () => connection.close(why));
  }

  /** HELO or EHLO. One in the middle of a transaction ends it (RFC 5321 section 4.1.4). */
  async #helo(connection: MilterConnection, name: string, macros: MacroStore): Promise<void> {
    this.leaveMail();
    if (this.#held !== undefined) return this.#answers.give("helo", this.#held.atHelo);
    this.#helloBytes = name.length;
    this.#answers.call("helo", () => this.#security.tellTls(connection, macros));
    const result = await this.#answers.ask("helo", () => connection.hello(name));
    if (result.kind === "gone") return;
    const verdict = result.kind === "value" ? verdictOf(result.value) : this.#answers.failure();
    this.#answers.give("helo", verdict);
  }

  async #startMail(
    connection: MilterConnection,
    { from, parameters }: CommandOf<"mail">,
    macros: MacroStore,
  ): Promise<void> {
    this.leaveMail();
    if (this.#held !== undefined) return this.#endAtMail(this.#held.atMail, CONTINUE);
    this.#fromBytes = from.length;
    this.#answers.call("mail", () => {
      this.#security.tellTls(connection, macros);
      this.#security.tellUser(connection, macros);
    });
    const result = await this.#answers.ask("mail", () =>
      connection.mail(parseReversePath(from), parameters),
    );
    if (result.kind === "gone") return;
    if (result.kind === "failed")
      return this.#endAtMail(this.#answers.failure(), this.#answers.failure());
    const { answer, transaction } = result.value;
    if (transaction === undefined || answer.kind !== "continue")
      return this.#endAtMail(verdictFromMail(answer), CONTINUE);
    this.#mail = new MailTransaction(transaction, this.#answers, this.#edits);
    this.#answers.state = "mail";
    this.#answers.give("mail", CONTINUE);
  }

  #endAtMail(verdict: Verdict, atEnd: Verdict): void {
    this.#atEnd = atEnd;
    this.#answers.give("mail", verdict);
  }

  async #endMail(mail: MailTransaction, chunk: Uint8Array, macros: MacroStore): Promise<void> {
    await mail.endOfMessage(chunk, macros);
    if (this.#mail === mail) this.leaveMail();
  }

  /** The end of a message whose MAIL was refused: some MTAs send it all the same. */
  #endRefused(): void {
    const verdict = this.#atEnd ?? CONTINUE;
    this.#atEnd = undefined;
    this.#answers.give("end-of-message", verdict);
  }
}
