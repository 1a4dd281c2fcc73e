import {
  type EvidenceKind,
  fieldOf,
  increment,
  type ReputationPolicy,
  type Row,
  stillCounts,
  VOUCHED_DAYS,
} from "@postern/filter-core";
import {
  addComplaint,
  type Complaint,
  countedOn,
  countField,
  readerKey,
  takeBackComplaint,
  writeCount,
} from "@postern/filter-runtime";
import type { ByteText } from "@postern/smtp-filter";
import type { Change, StateStore } from "@postern/state-store";
import { claimTurn, lastSaid, type Mark, memoryKey, type Said } from "./mark-memory.ts";

/** A delivered message that a user marks; its X-Postern has proved to be ours. */
export interface MarkedMail {
  readonly id: string;
  /** Who sent it, as the store has them, in the order of the field. */
  readonly keys: readonly string[];
  /** null: nobody was named. */
  readonly user: ByteText | null;
  /** Whether it was let in as junk. */
  readonly isJunk: boolean;
}

export type Marked =
  | {
      readonly kind: "marked";
      readonly counted: readonly string[];
      /** For these no more counts today. */
      readonly over: readonly string[];
      /** The opposite was said before, and is taken back. */
      readonly isCorrection: boolean;
    }
  | { readonly kind: "already" }
  /** For nobody does any more count today. */
  | { readonly kind: "over"; readonly cap: number }
  | { readonly kind: "wavering"; readonly times: number }
  | { readonly kind: "unavailable"; readonly reason: string };

const KINDS = { spam: "markedSpam", ham: "markedHam" } as const;
/** Who has changed his mind so often says nothing more. */
const MAX_TURNS = 16;
/** A user's program waits longer than a mail does. */
const READ_DEADLINE_MS = 5_000;
/** Ten half-lives leave a thousandth. */
const HALF_LIVES = 10;

/** The rows that {@link markMail} has to know. */
export function rowsOf({ id, keys, user }: MarkedMail): readonly string[] {
  return [memoryKey(id, user), ...keys, ...keys.map((key) => readerKey(readerOf(user), key))];
}

/** All whom nobody names are one reader. */
function readerOf(user: ByteText | null): string {
  return user ?? "";
}

/**
 * Learns what a user says of a message: once a message and user, within the caps of a day. The opposite later takes the
 * first word back. Where two processes do it at once, one of them takes back what it did.
 *
 * @param rows those of {@link rowsOf}, read just now.
 */
export async function markMail(
  store: Pick<StateStore, "read" | "write" | "flush">,
  rows: ReadonlyMap<string, Row>,
  mail: MarkedMail,
  mark: Mark,
  policy: ReputationPolicy,
  nowMs: number,
): Promise<Marked> {
  const { id, keys, user } = mail;
  const key = memoryKey(id, user);
  const day = Math.floor(nowMs / 86_400_000);
  const before = lastSaid(rows.get(key));
  if (before?.mark === mark) return { kind: "already" };
  if (before !== undefined && before.turn >= MAX_TURNS)
    return { kind: "wavering", times: MAX_TURNS };
  const kind = KINDS[mark];
  const caps = policy.dailyCaps;
  const counted = keys.map(
    (one) => stillCounts(kind, 1, countedOn(day, kind, rows.get(one)), caps) > 0,
  );
  if (before === undefined && !counted.includes(true)) return { kind: "over", cap: caps[kind] };

  const { halfLifeDays } = policy;
  const said: Said = { turn: (before?.turn ?? 0) + 1, mark, day, halfLifeDays, counted };
  const claim = claimTurn(key, said);
  const changes = keys.flatMap((one, at) => [
    ...changeOf(one, at, rows.get(one), before, said),
    ...complain(one, at, rows, mail, before, said, policy),
  ]);
  store.write([claim.change, ...changes]);
  await store.flush();
  const after = await store.read([key], READ_DEADLINE_MS);
  if (after.kind === "unavailable") return after;
  if (!claim.isTakenBy(after.rows.get(key))) {
    const winner = lastSaid(after.rows.get(key));
    // Nothing at all was written, or another process was first.
    if (winner !== undefined) store.write(changes.map(undo));
    await store.flush();
    return winner?.mark === mark ? { kind: "already" } : BUSY;
  }
  const those = (counts: boolean): readonly string[] =>
    keys.filter((_, at) => counted[at] === counts);
  const isCorrection = before !== undefined;
  return { kind: "marked", counted: those(true), over: those(false), isCorrection };
}

const BUSY: Marked = {
  kind: "unavailable",
  reason: "the store took no change, or another process marks the same message: try again",
};

/** What becomes of one sender's row. */
function changeOf(
  key: string,
  at: number,
  row: Row | undefined,
  before: Said | undefined,
  said: Said,
): readonly Change[] {
  const taken = before?.counted[at] === true ? takenBack(before, row, said.day) : {};
  const added = said.counted[at] === true ? addedBy(said, row) : {};
  const add = { ...taken.add, ...added.add };
  if (Object.keys(add).length === 0) return [];
  const ttlSeconds = HALF_LIVES * said.halfLifeDays * 86_400;
  return [{ ...taken, ...added, key, add, day: said.day, ttlSeconds, rank: "proven" }];
}

/** The quick counters of complaints: spam, or out of junk; any other word only takes back what was said before. */
function complain(
  key: string,
  at: number,
  rows: ReadonlyMap<string, Row>,
  { user, isJunk }: MarkedMail,
  before: Said | undefined,
  said: Said,
  { complaints, halfLifeDays }: ReputationPolicy,
): readonly Change[] {
  if (complaints === undefined) return [];
  const { day } = said;
  const reader = readerKey(readerOf(user), key);
  const who = {
    ofSender: rows.get(key),
    ofReader: rows.get(reader),
    reader: user === null ? "nobody" : "named",
  } as const;
  const halfLives = { complaints: complaints.halfLifeDays, evidence: halfLifeDays };
  const earlier = complaintOf(before, at, isJunk);
  const now = complaintOf(said, at, isJunk);
  const parts = [
    earlier && before && takeBackComplaint(earlier, { ...who, day: before.day }, halfLives),
    now && addComplaint(now, { ...who, day }, halfLives),
  ].filter((part) => part !== undefined);
  const ttlSeconds = HALF_LIVES * 86_400 * complaints.halfLifeDays;
  const ofSender = HALF_LIVES * 86_400 * Math.max(halfLifeDays, complaints.halfLifeDays);
  return parts.flatMap((part): Change[] => [
    { key, add: part.ofSender, day, ttlSeconds: ofSender, rank: "proven" },
    { key: reader, add: part.ofReader, day, ttlSeconds, rank: "proven" },
  ]);
}

function complaintOf(said: Said | undefined, at: number, isJunk: boolean): Complaint | undefined {
  if (said?.counted[at] !== true) return undefined;
  if (said.mark === "spam") return "spam";
  return isJunk ? "rescue" : undefined;
}

type Part = Pick<Change, "add" | "set" | "max" | "setOnce">;

function addedBy({ mark, day, halfLifeDays }: Said, row: Row | undefined): Part {
  const kind: EvidenceKind = KINDS[mark];
  return {
    add: { [fieldOf(kind, halfLifeDays)]: increment(1, day, halfLifeDays) },
    max: {
      [countField(kind)]: writeCount({ day, amount: countedOn(day, kind, row) + 1 }),
      days: VOUCHED_DAYS,
    },
    setOnce: { first: day },
  };
}

/** No more than there is: the row may have been forgotten meanwhile. Of today's, there is room for another's again. */
function takenBack({ mark, day, halfLifeDays }: Said, row: Row | undefined, today: number): Part {
  const kind = KINDS[mark];
  const field = fieldOf(kind, halfLifeDays);
  const sum = row?.[field] ?? 0;
  if (sum <= 0) return {};
  const add = { [field]: -Math.min(sum, increment(1, day, halfLifeDays)) };
  const already = countedOn(today, kind, row);
  if (day !== today || already === 0) return { add };
  return { add, set: { [countField(kind)]: writeCount({ day, amount: already - 1 }) } };
}

/** The sums as they were. The counts are the same, whoever of the two wrote them. */
function undo({ key, add = {}, day, ttlSeconds }: Change): Change {
  const back = Object.entries(add).map(([field, amount]) => [field, -amount] as const);
  return { key, day, ttlSeconds, add: Object.fromEntries(back) };
}
