import {
  type ComplaintPolicy,
  type CorrespondentKeys,
  complaintField,
  complaintIncrement,
  EVIDENCE_KINDS,
  type EvidenceKind,
  fieldOf,
  type Identity,
  increment,
  type ReputationPolicy,
  type Row,
  stillCounts,
  touchedBy,
  VOUCHED_DAYS,
} from "@postern/filter-core";
import type { Clock, Mailbox } from "@postern/smtp-filter";
import { LRUCache } from "lru-cache";
import { type Counted, countField, readCount, writeCount } from "./daily-count.ts";
import { RecipientsToday } from "./recipients-today.ts";
import type { HistoryChange, HistoryStore } from "./store.ts";
import { storeKey } from "./store-key.ts";

/** What was learned of senders, kept in a store. Advisory: without it mail is judged by the facts alone. */
export interface History {
  /** @returns null where the store does not answer. */
  recall(keys: readonly string[]): Promise<ReadonlyMap<string, Row> | null>;
  /** One piece of evidence for or against those of the identities that it says something of. */
  learn(kind: EvidenceKind, identities: readonly Identity[], policy: ReputationPolicy): void;
  /** A message was accepted. */
  accepted(message: Accepted, identities: readonly Identity[], policy: ReputationPolicy): void;
  /** A delivery was deferred: counts another attempt under its key. */
  tried(key: string): void;
  /** It came back as it should, and is not asked again. */
  passed(key: string): void;
  /** One of our own users wrote to somebody. */
  wrote(keys: CorrespondentKeys): void;
  /** For how many days something has been learned; undefined: not known yet. */
  learningDays(): number | undefined;
}

/** What an accepted message teaches. */
export interface Accepted {
  /** Whether it went to the inbox. */
  readonly isInInbox: boolean;
  /** Whether it is `clean` evidence: once a recipient and day. */
  readonly isClean: boolean;
  readonly recipients: readonly Mailbox[];
}

const DAY_MS = 86_400_000;
const DAY_S = 86_400;
/** Ten half-lives leave a thousandth. */
const HALF_LIVES = 10;
const TRIES_TTL_S = 7 * DAY_S;
const PASSED_TTL_S = 35 * DAY_S;
const WROTE_TTL_S = 2 * 365 * DAY_S;
const LEARNING_KEY = "meta:learning";
const LEARNING_TTL_S = 10 * 365 * DAY_S;
/** So many counts of today are kept; a flood of strangers forgets the oldest, whose cap then begins anew. */
const MAX_COUNTS = 200_000;

/** What speaks for somebody for good: such a row outlives a flood. */
const PROOF: ReadonlySet<EvidenceKind> = new Set(["markedHam", "writtenTo"]);

const VOUCHED = { rank: "proven", max: { days: VOUCHED_DAYS } } as const;

/** History over a store. */
export function openHistory(store: HistoryStore, clock: Clock): History {
  const counts = new LRUCache<string, Counted>({ max: MAX_COUNTS });
  const day = (): number => Math.floor(clock.wallMs() / DAY_MS);
  const today = new RecipientsToday(day);
  let since: number | undefined;

  const change = (
    key: string,
    ttlSeconds: number,
    what: Partial<HistoryChange>,
  ): HistoryChange => ({
    ...what,
    key: storeKey(key),
    day: day(),
    ttlSeconds,
  });

  store.write([change(LEARNING_KEY, LEARNING_TTL_S, { setOnce: { since: day() }, ...VOUCHED })]);

  /** One piece of evidence, where the cap of the day leaves something of it. */
  const pieceOf = (
    kind: EvidenceKind,
    key: string,
    { halfLifeDays, dailyCaps }: ReputationPolicy,
  ): Partial<HistoryChange> | undefined => {
    const already = countedToday(kind, key);
    const amount = stillCounts(kind, 1, already, dailyCaps);
    if (amount <= 0) return undefined;
    const count = { day: day(), amount: already + amount };
    counts.set(`${kind} ${key}`, count);
    return {
      ...(PROOF.has(kind) ? { rank: VOUCHED.rank } : {}),
      add: {
        [fieldOf(kind, halfLifeDays)]: increment(amount, day(), halfLifeDays),
        ...(kind === "clean" && already === 0 ? { days: 1 } : {}),
      },
      max: { [countField(kind)]: writeCount(count), ...(PROOF.has(kind) ? VOUCHED.max : {}) },
      setOnce: { first: day() },
    };
  };

  const inboxCount = (complaints: ComplaintPolicy | undefined): Row | undefined =>
    complaints && {
      [complaintField("inbox", complaints.halfLifeDays)]: complaintIncrement(
        1,
        day(),
        complaints.halfLifeDays,
      ),
    };

  const countedToday = (kind: EvidenceKind, key: string): number => {
    const before = counts.get(`${kind} ${key}`);
    return before?.day === day() ? before.amount : 0;
  };

  /** What other processes, or this one before a restart, have counted today. */
  const takeOver = (key: string, row: Row): void => {
    for (const kind of EVIDENCE_KINDS) {
      const told = readCount(row[countField(kind)]);
      if (told?.day === day() && told.amount > countedToday(kind, key))
        counts.set(`${kind} ${key}`, told);
    }
  };

  return {
    async recall(keys) {
      const asked = since === undefined ? [...keys, LEARNING_KEY] : keys;
      const found = await store.read(asked.map(storeKey));
      if (found.kind === "unavailable") return null;
      since ??= found.rows.get(LEARNING_KEY)?.["since"];
      return new Map(
        keys.flatMap((key) => {
          const row = found.rows.get(storeKey(key));
          if (row === undefined) return [];
          takeOver(key, row);
          return [[key, row] as const];
        }),
      );
    },
    learn(kind, identities, policy) {
      const changes = touchedBy(kind, identities).flatMap(({ key }) => {
        const piece = pieceOf(kind, key, policy);
        return piece === undefined ? [] : [change(key, ttlFor(policy), piece)];
      });
      if (changes.length > 0) store.write(changes);
    },
    accepted({ isInInbox, isClean, recipients }, identities, policy) {
      const clean = new Set(isClean ? touchedBy("clean", identities) : []);
      const tags = isClean ? today.tagsOf(recipients) : [];
      const changes = identities.flatMap((identity) => {
        const { key } = identity;
        const isNews = clean.has(identity) && today.isNewTo(tags, key);
        const piece = isNews ? pieceOf("clean", key, policy) : undefined;
        const count = isInInbox ? inboxCount(policy.complaints) : undefined;
        if (piece === undefined && count === undefined) return [];
        const add = { ...piece?.add, ...count };
        const setOnce = { first: day() };
        return [change(key, ttlFor(policy), { setOnce, ...piece, add })];
      });
      if (changes.length > 0) store.write(changes);
    },
    tried: (key) =>
      store.write([
        change(key, TRIES_TTL_S, { setOnce: { first: clock.wallMs() }, add: { tries: 1 } }),
      ]),
    passed: (key) => store.write([change(key, PASSED_TTL_S, { set: { passed: 1 } })]),
    wrote: ({ address, domain }) =>
      store.write(
        [address, domain].flatMap((key) =>
          key === null
            ? []
            : [change(key, WROTE_TTL_S, { ...VOUCHED, max: { last: day(), ...VOUCHED.max } })],
        ),
      ),
    learningDays: () => (since === undefined ? undefined : Math.max(0, day() - since)),
  };
}

function ttlFor({ halfLifeDays, complaints }: ReputationPolicy): number {
  return HALF_LIVES * Math.max(halfLifeDays, complaints?.halfLifeDays ?? 0) * DAY_S;
}
