import { type Answer, parseMailbox, type Transaction } from "@postern/smtp-filter";
import { comparable } from "../wire/split-addresses.ts";

/** Of one message, so many recipients are kept and compared. */
export const MAX_RECIPIENTS = 1000;

/** What a recipient takes beside its bytes, with some to spare. */
const RECIPIENT_BYTES = 256;

const CONTINUE: Answer = { kind: "continue" };

/** A mail transaction of the port that is open: from MAIL to the end of its message. */
export class OpenMail {
  readonly from: string;
  /** undefined: the port wants to see nothing of it. */
  readonly transaction: Transaction | undefined;
  /** Recipients that were let in, by what their ways to be written have in common. */
  readonly #accepted = new Map<string, string>();
  #hasMore = false;
  #heldBytes: number;

  constructor(from: string, transaction: Transaction | undefined) {
    this.from = from;
    this.transaction = transaction;
    this.#heldBytes = from.length;
  }

  /** The most that is kept of its envelope, here and by the port. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  async rcpt(to: string): Promise<Answer> {
    if (this.transaction === undefined) return CONTINUE;
    this.#heldBytes += to.length + RECIPIENT_BYTES;
    const answer = await this.transaction.rcpt(parseMailbox(to));
    if (answer.kind !== "continue") return answer;
    if (this.#accepted.size < MAX_RECIPIENTS) this.#accepted.set(comparable(to), to);
    else this.#hasMore = true;
    return answer;
  }

  /**
   * The mail server's own list of recipients, at the end: those that it refused itself are told.
   *
   * @returns those that the port was never asked about.
   */
  compare(recipients: readonly string[]): readonly string[] {
    if (this.#hasMore) return [];
    const listed = new Set(recipients.map(comparable));
    for (const [key, to] of this.#accepted) {
      if (listed.has(key)) continue;
      this.#accepted.delete(key);
      this.transaction?.outcome(parseMailbox(to), "refused");
    }
    const seen = new Set(this.#accepted.keys());
    return recipients.filter((to) => seen.size < seen.add(comparable(to)).size);
  }

  /** Whether the message has a recipient that was let in. */
  get hasRecipients(): boolean {
    return this.#accepted.size > 0;
  }
}
