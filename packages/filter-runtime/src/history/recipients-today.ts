import { createHmac, randomBytes } from "node:crypto";
import type { Mailbox } from "@postern/smtp-filter";
import { LRUCache } from "lru-cache";

/** So many pairs of sender and recipient are kept; a flood forgets the oldest, and leaves the cap of the day. */
const MAX_PAIRS = 200_000;
/** Of one message no more recipients are remembered. */
const MAX_RECIPIENTS = 50;

/**
 * To whom whose clean mail has come today: many messages to one reader say no more than the first, and who writes to
 * himself learns us nothing. In this process only, and by a digest that nobody else can make: who writes to whom is not
 * kept. A restart begins the day anew, up to the caps of the day, which the store keeps.
 */
export class RecipientsToday {
  readonly #day: () => number;
  readonly #secret = randomBytes(32);
  readonly #pairs = new LRUCache<string, number>({ max: MAX_PAIRS });

  /** @param day of now, since 1970. */
  constructor(day: () => number) {
    this.#day = day;
  }

  /** Short digests of the recipients; an address with a `+extension` is the same person. */
  tagsOf(recipients: readonly Mailbox[]): readonly string[] {
    return recipients.slice(0, MAX_RECIPIENTS).map(({ localPart, domain }) => {
      const plus = localPart.indexOf("+");
      const user = plus > 0 ? localPart.slice(0, plus) : localPart;
      const name = `${user.toLowerCase()}@${domain ?? ""}`;
      return createHmac("sha256", this.#secret)
        .update(name, "latin1")
        .digest("base64")
        .slice(0, 12);
    });
  }

  /** Whether one of them has not been counted for an identity today; from now on all have. */
  isNewTo(tags: readonly string[], key: string): boolean {
    const day = this.#day();
    let isNew = false;
    for (const tag of tags) {
      const pair = `${tag} ${key}`;
      isNew ||= this.#pairs.get(pair) !== day;
      this.#pairs.set(pair, day);
    }
    return isNew;
  }
}
