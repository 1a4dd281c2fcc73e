import type { Buffer } from "node:buffer";
import type { Answer, Mailbox, Message, Transaction } from "@postern/smtp-filter";
import { formatReply, replyFromMail, unreachable } from "@postern/smtp-filter";
import type { EngineAnswer } from "../engine-messages.ts";
import { ContentReader } from "./content-reader.ts";

/** What the port gives for MAIL. */
type Started = Awaited<ReturnType<import("@postern/smtp-filter").Connection["mail"]>>;

const CONTINUE: EngineAnswer = { kind: "continue" };
const FAILED: EngineAnswer = { kind: "failed" };

/** One transaction of the port, from the question about its sender on. Its questions are asked in their order. */
export class EngineMail {
  /** The mail server's own name for the message, once it tells. */
  queueId: string | undefined;
  readonly #started: Promise<Started>;
  readonly #isConnected: () => boolean;
  #transaction: Transaction | undefined;
  #message: Message | undefined;
  #reader: ContentReader | undefined;
  #hasFailed = false;
  #isEnded = false;
  /** Content that is under way; the rest of the message waits for it. */
  #content: Promise<void> | undefined;

  /** @param isConnected false once the port was told that the connection is closed. */
  constructor(start: () => Promise<Started>, isConnected: () => boolean) {
    this.#isConnected = isConnected;
    // Inside a promise, so that a synchronous throw is a rejection as well.
    this.#started = new Promise<Started>((resolve) => resolve(start())).then((started) => {
      if (started.answer.kind === "continue") this.#transaction = started.transaction;
      return started;
    });
    this.#started.catch(() => {});
  }

  async sender(): Promise<EngineAnswer> {
    return lateAnswerOf((await this.#started).answer);
  }

  async rcpt(to: Mailbox): Promise<EngineAnswer> {
    const transaction = await this.#open();
    if (transaction === "unseen") return CONTINUE;
    return transaction === undefined ? FAILED : lateAnswerOf(await transaction.rcpt(to));
  }

  async outcome(to: Mailbox, what: "accepted" | "refused"): Promise<void> {
    const transaction = await this.#open();
    if (typeof transaction === "object") transaction.outcome(to, what);
  }

  async data(): Promise<EngineAnswer> {
    const transaction = await this.#open();
    if (transaction === "unseen") return CONTINUE;
    if (transaction === undefined || this.#hasFailed) return FAILED;
    await this.#begin(transaction)?.begun();
    return CONTINUE;
  }

  /** Takes the next lines. `true`: no more are needed. Never rejects: what the port throws is told at the end. */
  content(bytes: Buffer, report: (error: unknown) => void): boolean | Promise<boolean> {
    const before = this.#content;
    if (before === undefined && this.#reader !== undefined) {
      const taken = this.#take(this.#reader, bytes, report);
      if (taken === undefined) return this.#hasEnough;
      this.#content = taken;
    } else {
      this.#content = (before ?? this.#implicit(report)).then(() =>
        this.#reader === undefined ? undefined : this.#take(this.#reader, bytes, report),
      );
    }
    const content = this.#content;
    return content.then(() => {
      if (this.#content === content) this.#content = undefined;
      return this.#hasEnough;
    });
  }

  async end(): Promise<EngineAnswer> {
    await this.#content;
    const transaction = await this.#open();
    if (transaction === "unseen") return CONTINUE;
    if (transaction === undefined || this.#hasFailed) return FAILED;
    const message = this.#begin(transaction);
    if (message === undefined) return FAILED;
    this.#reader?.end();
    const final = await message.end(this.queueId);
    return final.kind === "deliver" ? final : lateAnswerOf(final);
  }

  /** The transaction is over: the port is told, once, as soon as it has given one. */
  async ended(how: "queued" | "refused" | "aborted"): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#transaction === undefined) {
      await this.#started.catch(() => {});
      if (!this.#isConnected()) return;
    }
    this.#transaction?.ended(how);
  }

  /** undefined: there is none any more; `unseen`: the port wants to see nothing of it. */
  async #open(): Promise<Transaction | "unseen" | undefined> {
    const { answer } = await this.#started;
    if (this.#isEnded || answer.kind !== "continue") return undefined;
    return this.#transaction ?? "unseen";
  }

  #begin(transaction: Transaction): Message | undefined {
    if (this.#message === undefined && !this.#hasFailed) {
      // A start that failed is not retried.
      this.#hasFailed = true;
      this.#message = transaction.message();
      this.#reader = new ContentReader(this.#message);
      this.#hasFailed = false;
    }
    return this.#message;
  }

  /** An earlier filter of the chain has kept the `data` request to itself. */
  async #implicit(report: (error: unknown) => void): Promise<void> {
    try {
      const transaction = await this.#open();
      if (typeof transaction === "object") this.#begin(transaction);
    } catch (error) {
      report(error);
    }
  }

  #take(
    reader: ContentReader,
    bytes: Buffer,
    report: (error: unknown) => void,
  ): Promise<void> | undefined {
    if (this.#hasFailed || this.#isEnded) return undefined;
    const failed = (error: unknown) => {
      this.#hasFailed = true;
      report(error);
    };
    try {
      return reader.take(bytes)?.catch(failed);
    } catch (error) {
      failed(error);
      return undefined;
    }
  }

  get #hasEnough(): boolean {
    return this.#hasFailed || this.#isEnded || (this.#reader?.hasEnough ?? true);
  }
}

/** An answer of the port from MAIL on, for the shim. */
function lateAnswerOf(answer: Answer): EngineAnswer {
  return answerOf(answer.kind === "refuse" ? { ...answer, reply: replyFromMail(answer) } : answer);
}

/** An answer of the port for the shim. */
export function answerOf(answer: Answer): EngineAnswer {
  switch (answer.kind) {
    case "continue":
      return CONTINUE;
    case "refuse":
      return {
        kind: "refuse",
        reply: formatReply(answer.reply),
        ...(answer.ends === undefined ? {} : { ends: answer.ends }),
      };
    default:
      return unreachable(answer);
  }
}
