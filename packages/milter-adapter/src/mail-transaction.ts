import { type Edit, parseMailbox, type RecipientOutcome } from "@postern/smtp-filter";

import { type Answers, verdictFromMail } from "./answers.ts";
import type { EditWriter } from "./edit-writer.ts";
import { HeaderLimit } from "./header-limit.ts";
import type { MilterAnswer, MilterMessage, MilterTransaction } from "./milter-filter.ts";
import type { Place } from "./state-table.ts";
import type { Command } from "./wire/command.ts";
import type { MacroStore } from "./wire/macros.ts";
import { hasBit, PROTOCOL } from "./wire/negotiate.ts";
import type { Modification, Verdict } from "./wire/response.ts";

const CONTINUE: Verdict = { kind: "continue" };
const SKIP: Verdict = { kind: "skip" };

/** What a recipient or a header field takes beside its bytes, with some to spare. */
const ITEM_BYTES = 256;

/** One mail transaction, from an accepted MAIL to the verdict at its end, as the MTA tells it. */
export class MailTransaction {
  readonly #answers: Answers;
  readonly #edits: EditWriter;
  readonly #transaction: MilterTransaction;
  readonly #headerLimit: HeaderLimit;
  #message: MilterMessage | undefined;
  #place: Extract<Place, "recipients" | "data" | "headers" | "body"> = "recipients";
  #hasRecipients = false;
  #hasEnough = false;
  #isEnded = false;
  #heldBytes = 0;
  /** Set when the port broke down: what the end of the message is answered with. */
  #verdict: Verdict | undefined;
  /** Set when the filter has decided before the end. */
  #early: Verdict | undefined;

  constructor(transaction: MilterTransaction, answers: Answers, edits: EditWriter) {
    this.#transaction = transaction;
    this.#answers = answers;
    this.#edits = edits;
    this.#headerLimit = new HeaderLimit(answers);
  }

  get place(): Place {
    return this.#place;
  }

  /** The most that the port can have kept of the envelope and the header. A body is not kept. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  rcpt(command: Extract<Command, { kind: "rcpt" }>, macros: MacroStore): Promise<void> | void {
    if (this.#early !== undefined) return this.#answers.give("rcpt", CONTINUE);
    this.#hasRecipients = true;
    this.#heldBytes += command.to.length + ITEM_BYTES;
    const to = parseMailbox(command.to);
    // SMFIP_RCPT_REJ: the MTA has refused this recipient itself and only reports it; no answer changes that.
    if (macros.get("rcpt_mailer") === "error") {
      this.#answers.call("rcpt", () => this.#transaction.outcome(to, whyRefused(macros)));
      return this.#answers.give("rcpt", CONTINUE);
    }
    return this.#rcpt(() => this.#transaction.rcpt(to));
  }

  async #rcpt(start: () => Promise<MilterAnswer>): Promise<void> {
    const result = await this.#answers.ask("rcpt", start);
    if (result.kind === "gone") return;
    const verdict =
      result.kind === "value" ? verdictFromMail(result.value) : this.#answers.failure();
    this.#answers.give("rcpt", verdict);
    // A refusal is of this recipient alone, these are of the whole message.
    if (verdict.kind !== "accept" && verdict.kind !== "discard") return;
    this.#early = verdict;
    this.#end(fateOf(verdict));
  }

  async data(): Promise<void> {
    this.#place = "data";
    if (await this.#begin("data")) this.#goOn("data");
  }

  header(command: Extract<Command, { kind: "header" }>): Promise<void> | void {
    this.#place = "headers";
    if (this.#message !== undefined) return this.#passHeader(command);
    return this.#begin("header").then((isOn) => (isOn ? this.#passHeader(command) : undefined));
  }

  #passHeader(command: Extract<Command, { kind: "header" }>): Promise<void> | void {
    const message = this.#message;
    if (message !== undefined && !this.#isDecided && this.#headerLimit.admits(command)) {
      this.#heldBytes += command.name.length + command.value.length + ITEM_BYTES;
      const told = this.#try("header", () => message.header(command.name, command.value));
      if (typeof told === "object") return this.#decide("header", () => told);
    }
    this.#goOn("header");
  }

  endOfHeaders(): Promise<void> | void {
    this.#place = "body";
    if (this.#message !== undefined) return this.#passEndOfHeaders();
    return this.#begin("end-of-headers").then((isOn) =>
      isOn ? this.#passEndOfHeaders() : undefined,
    );
  }

  #passEndOfHeaders(): Promise<void> | void {
    const message = this.#message;
    const isAsked = this.#answers.settings.answers.includes("end-of-headers");
    if (!isAsked || message?.headersEnd === undefined || this.#isDecided)
      return this.#goOn("end-of-headers");
    return this.#decide(
      "end-of-headers",
      async () => message.headersEnd?.() ?? { kind: "continue" },
    );
  }

  /** What the filter says of a part of the content, where it is waited for, is the answer to it. */
  async #decide(command: Command["kind"], start: () => Promise<MilterAnswer>): Promise<void> {
    const result = await this.#answers.ask(command, start);
    if (result.kind === "gone") return;
    if (result.kind === "failed") this.#fail(result.why);
    else this.#take(result.value);
    this.#goOn(command);
  }

  /** An answer in the middle of the message is told at once where the MTA waits, or else at the end. */
  #take(answer: MilterAnswer): void {
    if (answer.kind !== "continue") this.#early = verdictFromMail(answer);
  }

  #goOn(command: Command["kind"]): void {
    const early = this.#isEnded || !this.#answers.isDue(command) ? undefined : this.#early;
    this.#answers.give(command, early ?? CONTINUE);
    if (early !== undefined) this.#end(fateOf(early));
  }

  /** Nothing more of the message is the filter's to see. */
  get #isDecided(): boolean {
    return this.#verdict !== undefined || this.#early !== undefined;
  }

  body(chunk: Uint8Array): Promise<void> | void {
    this.#place = "body";
    const passed = this.#pass("body", chunk);
    return passed === undefined
      ? this.#answerBody()
      : passed.then((isOn) => (isOn ? this.#answerBody() : undefined));
  }

  async endOfMessage(chunk: Uint8Array, macros: MacroStore): Promise<void> {
    if (!this.#hasRecipients) {
      this.#answers.outOfOrder("end-of-message");
      return this.abort();
    }
    if (this.#message === undefined && !(await this.#begin("end-of-message"))) return;
    if (chunk.length > 0 && (await this.#pass("end-of-message", chunk)) === false) return;
    const message = this.#message;
    const decided = this.#early ?? this.#verdict;
    if (message === undefined || decided !== undefined)
      return this.#conclude(decided ?? this.#answers.failure(), []);
    const result = await this.#answers.ask("end-of-message", () => message.end(macros.get("i")));
    if (result.kind === "gone") return;
    if (result.kind === "failed") return this.#conclude(this.#answers.failure(), []);
    const final = result.value;
    return final.kind === "deliver"
      ? this.#conclude(CONTINUE, final.edits)
      : this.#conclude(verdictFromMail(final), []);
  }

  /** The MTA aborted the transaction, or disconnected. The port is not told if the transaction had already ended. */
  abort(): void {
    this.#end("aborted");
  }

  #conclude(verdict: Verdict, edits: readonly (Edit | Modification)[]): void {
    for (const edit of edits) this.#edits.write(edit);
    this.#answers.give("end-of-message", verdict);
    this.#end(fateOf(verdict));
  }

  /** Starts the message where it has not; false if nothing is to be answered any more. */
  async #begin(command: Command["kind"]): Promise<boolean> {
    // A start that failed is not retried.
    if (this.#isDecided) return true;
    const result = await this.#answers.ask<MilterAnswer | undefined>(command, async () => {
      const message = this.#transaction.message();
      this.#message = message;
      return (await message.begun()) ?? undefined;
    });
    if (result.kind === "failed") this.#fail(result.why);
    if (result.kind === "value" && result.value !== undefined) this.#take(result.value);
    return result.kind !== "gone";
  }

  /**
   * Passes a chunk on, if it is wanted. A promise is back-pressure, and no packet is read before it resolves: with
   * false if nothing is to be answered any more. Where nothing is waited for there is none, so that the room of the
   * chunk is free at once.
   */
  #pass(command: Command["kind"], chunk: Uint8Array): Promise<boolean> | undefined {
    if (!this.#isBodyWanted) return;
    const message = this.#message;
    if (message === undefined)
      return this.#begin(command).then((isOn) => isOn && (this.#pass(command, chunk) ?? true));
    const told = this.#try(command, () => message.body(chunk));
    if (told === "enough") this.#hasEnough = true;
    return typeof told === "object" ? this.#untilRoom(command, told) : undefined;
  }

  async #untilRoom(command: Command["kind"], room: Promise<void>): Promise<boolean> {
    const result = await this.#answers.ask(command, () => room);
    if (result.kind === "failed") this.#fail("threw");
    return result.kind !== "gone";
  }

  /** With SKIP the MTA sends no more of the body, and goes on to the end of the message. */
  #answerBody(): void {
    if (this.#early !== undefined && !this.#isEnded) {
      this.#goOn("body");
      return;
    }
    const canSkip = hasBit(this.#answers.negotiation.protocol, PROTOCOL.skip);
    this.#answers.give("body", canSkip && !this.#isBodyWanted ? SKIP : CONTINUE);
  }

  /** Not once the port has enough of it, nor after it broke down. */
  get #isBodyWanted(): boolean {
    return !this.#hasEnough && !this.#isDecided;
  }

  #try<T>(command: Command["kind"], work: () => T): T | undefined {
    const result = this.#answers.call(command, work);
    if (result.kind === "failed") this.#fail("threw");
    return result.kind === "value" ? result.value : undefined;
  }

  /** If the start of a message is late, the message goes on only where failures accept. */
  #fail(why: "threw" | "late"): void {
    const verdict = this.#answers.failure();
    if (why === "threw" || verdict.kind !== "continue") this.#verdict = verdict;
  }

  #end(how: "queued" | "refused" | "aborted"): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#answers.call("end-of-message", () => this.#transaction.ended(how));
  }
}

function fateOf({ kind }: Verdict): "queued" | "refused" {
  return kind === "continue" || kind === "accept" ? "queued" : "refused";
}

/**
 * Why the MTA refused a recipient: `{rcpt_host}` is the enhanced status code, `{rcpt_addr}` the text. `Relay access
 * denied` is Postfix 3.7, `Relaying denied` sendmail 8.17.
 */
function whyRefused(macros: MacroStore): RecipientOutcome {
  const status = macros.get("rcpt_host") ?? "";
  if (status.startsWith("5.1.1")) return "unknown";
  const text = macros.get("rcpt_addr") ?? "";
  const at = text.search(/\brelay(?:ing)?\b/i);
  return at !== -1 && /\bdenied\b/i.test(text.slice(at)) ? "relay" : "refused";
}
