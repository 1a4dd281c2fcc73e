import { claimsAuthservId } from "./authserv-id.ts";
import { plainFieldName } from "./field-name.ts";

/** The nth field of a name, counted from 1, from the top, as received. */
export interface HeaderRef {
  readonly name: string;
  readonly ordinal: number;
}

/** Names of fields that only we may write, in the form we print. */
const OURS = ["Authentication-Results", "X-Postern", "X-Spam", "X-Spam-Flag"] as const;

/**
 * No honest message holds more. Postfix reads its queue file for each removal: 1,000 in a message of 1 MB took its
 * cleanup 10.8 s of CPU (3.7.11, 2026-11).
 */
const MAX_HONEST = 20;

/**
 * A name that a fold or a control character parts from its colon. Exim 4.96 and qmail hand it on as it is, some readers
 * take it for the name, and Exim does not find it when it is told to remove it.
 */
const DISGUISE = /[^ \t!-~]/;

/** So many are removed where the policy, or observe mode, lets such a message in all the same. */
const MAX_FOUND = 1_000;

/**
 * Finds, while the header of a message goes by, the fields that pretend to be ours.
 * Keeps four counts and the finds, whatever the header holds.
 */
export class ForgedHeaderFinder {
  readonly #authservId: string;
  readonly #counts = new Map<string, number>();
  readonly #found: HeaderRef[] = [];
  #isDisguised = false;
  constructor(authservId: string) {
    this.#authservId = authservId;
  }

  /** @param name as received: case, blanks and folds before the colon do not matter. */
  see(name: string, value: string): void {
    const plain = plainFieldName(name);
    if (plain === undefined) return;
    const known = OURS.find((ours) => ours.toLowerCase() === plain);
    if (known === undefined) return;
    const ordinal = (this.#counts.get(known) ?? 0) + 1;
    this.#counts.set(known, ordinal);
    if (known === "Authentication-Results" && !claimsAuthservId(value, this.#authservId)) return;
    this.#isDisguised ||= DISGUISE.test(name);
    this.#keep({ name: known, ordinal });
  }

  /** `flood`: more, or otherwise written, than a legitimate message contains; the message should be refused. */
  amount(): "few" | "flood" {
    return this.#isDisguised || this.#found.length > MAX_HONEST ? "flood" : "few";
  }

  #keep(ref: HeaderRef): void {
    if (this.#found.length < MAX_FOUND) this.#found.push(ref);
  }

  /** From the highest ordinal of a name down, so that removing one does not shift the next. */
  found(): readonly HeaderRef[] {
    return this.#found.toReversed();
  }
}
