import {
  fieldOf,
  type Identity,
  increment,
  type ReputationPolicy,
  touchedBy,
} from "@postern/filter-core";
import type { Change, StateStore } from "@postern/state-store";

/** What a user says of a message. */
export type Mark = "spam" | "ham";

export type Marked =
  /** `isCorrection`: the opposite was said before, and is taken back. */
  | { readonly kind: "marked"; readonly isCorrection: boolean }
  | { readonly kind: "already" }
  | { readonly kind: "unavailable"; readonly reason: string };

const KINDS = { spam: "markedSpam", ham: "markedHam" } as const;
const CODES = { spam: 1, ham: 2 } as const;
/** A user's program waits longer than a mail does. */
const READ_DEADLINE_MS = 5_000;
/** Ten half-lives leave a thousandth. */
const HALF_LIVES = 10;

/**
 * Learns what a user says of a message, once for each message; the opposite later takes the first word back.
 *
 * @param today days since 1970-01-01, in UTC.
 */
export async function markMail(
  store: StateStore,
  mail: { readonly id: string; readonly identities: readonly Identity[] },
  mark: Mark,
  policy: ReputationPolicy,
  today: number,
): Promise<Marked> {
  const key = `mark:${mail.id}`;
  const found = await store.read([key], READ_DEADLINE_MS);
  if (found.kind === "unavailable") return found;
  const before = found.rows.get(key);
  if (before?.["is"] === CODES[mark]) return { kind: "already" };
  const opposite: Mark = mark === "spam" ? "ham" : "spam";
  const isCorrection = before?.["is"] === CODES[opposite];
  const ttlSeconds = HALF_LIVES * policy.halfLifeDays * 86_400;
  const change = (which: Mark, day: number, sign: 1 | -1): Change[] =>
    touchedBy(KINDS[which], mail.identities).map((identity) => ({
      key: identity.key,
      add: {
        [fieldOf(KINDS[which], policy.halfLifeDays)]: sign * increment(1, day, policy.halfLifeDays),
      },
      setOnce: { first: today },
      day: today,
      ttlSeconds,
      rank: "proven",
    }));
  store.write([
    ...(isCorrection ? change(opposite, before["day"] ?? today, -1) : []),
    ...change(mark, today, 1),
    { key, set: { is: CODES[mark], day: today }, day: today, ttlSeconds },
  ]);
  await store.flush();
  return { kind: "marked", isCorrection };
}
