import { claimsAuthservId } from "./authserv-id.ts";

/** The nth field of a name, counted from 1, from the top, as received. */
export interface HeaderRef {
  readonly name: string;
  readonly ordinal: number;
}

/** Names of fields that only we may write, in the form we print. */
const OURS = ["Authentication-Results", "X-Postern", "X-Spam", "X-Spam-Flag"] as const;

/** A longer name is none of ours. */
const MAX_NAME = 64;

/**
 * No honest message holds more. Postfix reads its queue file for each removal: 1,000 in a message of 1 MB took its
 * cleanup 10.8 s of CPU (3.7.11, 2026-11).
 */
const MAX_HONEST = 20;

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
  constructor(authservId: string) {
    this.#authservId = authservId;
  }

  /** @param name as received: case and blanks before the colon do not matter. */
  see(name: string, value: string): void {
    const plain = withoutBlanks(name);
    if (plain === undefined) return;
    const known = OURS.find((ours) => ours.toLowerCase() === plain);
    if (known === undefined) return;
    const ordinal = (this.#counts.get(known) ?? 0) + 1;
    this.#counts.set(known, ordinal);
    if (known !== "Authentication-Results" || claimsAuthservId(value, this.#authservId))
      this.#keep({ name: known, ordinal });
  }

  /** `flood`: more than a legitimate message contains; the message should be refused. */
  amount(): "few" | "flood" {
    return this.#found.length > MAX_HONEST ? "flood" : "few";
  }

  #keep(ref: HeaderRef): void {
    if (this.#found.length < MAX_FOUND) this.#found.push(ref);
  }

  /** From the highest ordinal of a name down, so that removing one does not shift the next. */
  found(): readonly HeaderRef[] {
    return this.#found.toReversed();
  }
}

/** In lower case, without the blanks before the colon, however many there are; undefined for what is too long. */
function withoutBlanks(name: string): string | undefined {
  let end = name.length;
  while (end > 0 && (name[end - 1] === " " || name[end - 1] === "\t")) end -= 1;
  return end > MAX_NAME ? undefined : name.slice(0, end).toLowerCase();
}
