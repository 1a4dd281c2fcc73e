import type { Final, Message, Transaction } from "@postern/smtp-filter";
import type { ServerEvent } from "./events.ts";
import { FieldKeeper } from "./message/field-keeper.ts";
import { MessageReader } from "./message/message-reader.ts";
import type { Settings } from "./options.ts";
import type { Copy } from "./serve/copy.ts";
import { MAX_RECIPIENTS } from "./sessions/open-mail.ts";
import type { Turn } from "./turn.ts";
import { MboxEnvelopeReader } from "./wire/mbox-envelope.ts";
import type { MessageRequest } from "./wire/message-request.ts";
import { type MessageVerdict, messageVerdict, UNTOUCHED } from "./wire/message-verdict.ts";
import { TRY_LATER, verdictOf } from "./wire/verdict.ts";

/** The permanent refusal for a message over the scan limit where failures are not accepted: a retry would not help. */
const TOO_LARGE: MessageVerdict = { kind: "reply", text: "552 5.3.4 message is too large" };

/** A verdict, and how many genuine fields are lost by it. */
export interface Judged {
  readonly verdict: MessageVerdict;
  readonly missing: number;
}

/** One message, from its envelope to the verdict on it. All of it is read, whatever is known before its end. */
export class MessageJudge {
  readonly #settings: Settings;
  readonly #request: MessageRequest;
  readonly #copy: Copy;
  readonly #turn: Turn;
  readonly #peer: string;
  readonly #keeper = new FieldKeeper();
  #envelopeBytes = 0;

  constructor(settings: Settings, request: MessageRequest, copy: Copy, turn: Turn, peer: string) {
    this.#settings = settings;
    this.#request = request;
    this.#copy = copy;
    this.#turn = turn;
    this.#peer = peer;
  }

  /**
   * Judges it. The turn is still to be ended.
   *
   * @throws {Error} if the peer does not send the message.
   */
  async judge(): Promise<Judged> {
    const { length } = this.#request;
    const { maxMessageBytes: limit } = this.#settings;
    if (length > limit) {
      this.#report({ kind: "message-too-large", peer: this.#peer, bytes: length, limit });
      return this.#unseen(this.#settings.onFailure === "accept" ? UNTOUCHED : TOO_LARGE);
    }
    const { recipients, rest } = await this.#readEnvelope();
    const admission = await this.#turn.ask(this.#settings.commandDeadlineMs, async (session) => {
      const said = await session.admit(this.#request.client, this.#request.from, recipients);
      // An invalid answer of the port throws here, and is handled like any failure.
      return said.kind === "admit" ? said : { ...said, verdict: verdictOf("message", said.answer) };
    });
    if (admission.kind !== "value") return this.#unseen(this.#failure());
    if (admission.value.kind === "refuse") {
      const { verdict } = admission.value;
      return this.#unseen(verdict.kind === "accept" ? UNTOUCHED : verdict);
    }
    const { mail, recipientsLeftOut } = admission.value;
    if (recipientsLeftOut)
      this.#report({ kind: "too-many-recipients", peer: this.#peer, limit: MAX_RECIPIENTS });
    const { transaction } = mail;
    return transaction === undefined ? this.#unseen(UNTOUCHED) : this.#show(transaction, rest);
  }

  /** Shows the port a message and asks for its verdict. */
  async #show(transaction: Transaction, rest: Buffer): Promise<Judged> {
    const { commandDeadlineMs, messageDeadlineMs } = this.#settings;
    const begun = await this.#turn.ask(commandDeadlineMs, () => begin(transaction));
    if (begun.kind !== "value") return this.#unseen(this.#failure());
    const message = begun.value;
    const reader = new MessageReader(message, this.#keeper, (field) => this.#isOwn(field));
    for (
      let chunk: Buffer | undefined = rest;
      chunk !== undefined;
      chunk = await this.#copy.next()
    ) {
      if (this.#turn.isOver || reader.hasEnough) continue;
      const bytes = chunk;
      await this.#turn.ask(commandDeadlineMs, async () => reader.take(bytes));
      this.#copy.keeps(this.#envelopeBytes + reader.heldBytes);
    }
    const judged = await this.#turn.ask(messageDeadlineMs, async () => {
      reader.end();
      return this.#judged(await message.end(this.#request.id ?? undefined));
    });
    return judged.kind === "value" ? judged.value : { verdict: this.#failure(), missing: 0 };
  }

  #judged(final: Final): Judged {
    let missing = 0;
    const verdict = messageVerdict(
      final,
      (removals) => {
        const innocent = this.#keeper.innocent(removals);
        missing = innocent.missing;
        return innocent.fields;
      },
      (name) => this.#report({ kind: "edit-dropped", peer: this.#peer, name }),
    );
    return { verdict, missing };
  }

  async #readEnvelope(): Promise<{ recipients: readonly string[] | null; rest: Buffer }> {
    const { recipients, form, from } = this.#request;
    const named = recipients === "in-copy" ? null : recipients;
    if (form === "plain") return { recipients: named, rest: Buffer.alloc(0) };
    const reader = new MboxEnvelopeReader(from);
    for (;;) {
      const chunk = await this.#copy.next();
      const envelope = chunk === undefined ? reader.end() : reader.push(chunk);
      // Afterwards its recipients are kept as text.
      this.#envelopeBytes = reader.heldBytes;
      this.#copy.keeps(this.#envelopeBytes);
      if (envelope === undefined) continue;
      return { recipients: named ?? envelope.recipients, rest: envelope.rest };
    }
  }

  /** Exim's own Received line has its id of the message; qmail-smtpd writes one before anything else. */
  #isOwn(field: string): boolean {
    const { form, id, client } = this.#request;
    if (form === "plain") return client.ip !== null;
    return id !== null && field.split(/[ \t\n;]+/).includes(id);
  }

  async #unseen(verdict: MessageVerdict): Promise<Judged> {
    await this.#copy.drain();
    return { verdict, missing: 0 };
  }

  #failure(): MessageVerdict {
    return this.#settings.onFailure === "accept" ? UNTOUCHED : TRY_LATER;
  }

  #report(event: ServerEvent): void {
    this.#settings.onEvent(event);
  }
}

async function begin(transaction: Transaction): Promise<Message> {
  const message = transaction.message();
  await message.begun();
  return message;
}
