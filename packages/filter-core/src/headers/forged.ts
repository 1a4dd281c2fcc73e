import { claimsAuthservId } from "./authserv-id.ts";

/** The nth field of a name, counted from 1, from the top, as received. */
export interface HeaderRef {
  readonly name: string;
  readonly ordinal: number;
}

/** Names of fields that only we may write, in the form we print. */
const OURS = ["Authentication-Results", "X-Postern", "X-Spam"] as const;

/** A longer one, blanks and all, is none of ours; and trimming a run of blanks takes its length squared. */
const MAX_NAME = 256;

/** So many are removed; each removal costs the mail server a search through the header. */
const MAX_FOUND = 1_000;

/**
 * Finds, while the header of a message goes by, the fields that pretend to be ours.
 * Keeps three counts and the finds, whatever the header holds.
 */
export class ForgedHeaderFinder {
  readonly #authservId: string;
  readonly #counts = new Map<string, number>();
  readonly #found: HeaderRef[] = [];
  #isFlood = false;

  constructor(authservId: string) {
    this.#authservId = authservId;
  }

  /** @param name as received: case and blanks before the colon do not matter. */
  see(name: string, value: string): void {
    if (name.length > MAX_NAME) return;
    const plain = name.replace(/[ \t]+$/, "").toLowerCase();
    const known = OURS.find((ours) => ours.toLowerCase() === plain);
    if (known === undefined) return;
    const ordinal = (this.#counts.get(known) ?? 0) + 1;
    this.#counts.set(known, ordinal);
    if (known !== "Authentication-Results" || claimsAuthservId(value, this.#authservId))
      this.#add({ name: known, ordinal });
  }

  /** `flood`: there are more than can be removed, so the message must not be let in. */
  amount(): "few" | "flood" {
    return this.#isFlood ? "flood" : "few";
  }

  #add(ref: HeaderRef): void {
    if (this.#found.length >= MAX_FOUND) this.#isFlood = true;
    else this.#found.push(ref);
  }

  /** From the highest ordinal of a name down, so that removing one does not shift the next. */
  found(): readonly HeaderRef[] {
    return this.#found.toReversed();
  }
}
