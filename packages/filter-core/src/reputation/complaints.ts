import type { Complaints } from "../facts/complaints.ts";
import { EPOCH_DAY, HALF_LIFE_DAYS, type Row, worthOn } from "./decay.ts";

/** How far the complaints about an identity go, and how sure that is. */
export interface ComplaintEstimate {
  /** The share of spam that is certain: the lower bound of Wilson's interval. */
  readonly low: number;
  /** 0: none; 1: nothing of it is trusted any more. */
  readonly distrust: number;
}

export const COMPLAINT_HALF_LIFE_DAYS = { least: 1, greatest: 30 } as const;

/** Taking a message out of junk is as rare as a mark of spam, and says more than a message that was let alone. */
export const RESCUE_WORTH = 20;

/** Of one recipient only so many marks count for an identity, so that no single reader decides for all. */
export const MARKS_A_RECIPIENT = 2;

/** So much mail that nobody minded is assumed of everybody. */
const PRIOR = 5;
/** The z value of a one-sided bound of 90 %. */
const Z = 1.28;
/** One reader alone decides nothing; two do, for twelve days at a half-life of 30. */
const FEWEST_READERS = 1.5;
/**
 * What Google and Yahoo never tolerate of a bulk sender: 0.3 % of delivered mail marked as spam (their sender guidelines of
 * February 2024; "below 0.1 %" is what they ask for).
 */
const TOLERATED = 0.003;
/**
 * What is added to it until nothing is trusted any more. Where readers mark 3 % of the spam they find, pure spam has a rate
 * of 3 %, and its lower bound passes 1 % after 67 messages, 2 % only after 346. Chosen, and played in docs/reputation.md.
 */
const RANGE = 0.007;

/** Sums are written as if worth the day 1,000 half-lives after 2026-01-01, so that a double holds decades of the shortest. */
const LEAD_HALF_LIVES = 1_000;

export type ComplaintKind = "inbox" | "spam";
const KINDS: readonly ComplaintKind[] = ["inbox", "spam"];

/** The field that sums one of the counters, `inbox.3`: as for evidence, the half-life is part of it. */
export function complaintField(kind: ComplaintKind, halfLifeDays: number): string {
  return `${kind}.${halfLifeDays}`;
}

/** What `amount` of a day adds to its field. */
export function complaintIncrement(amount: number, day: number, halfLifeDays: number): number {
  return amount * 2 ** ((day - EPOCH_DAY) / halfLifeDays - LEAD_HALF_LIVES);
}

/** What is left on a day; undefined: the row holds none of the counters. */
export function complaintsOn(day: number, row: Row): Complaints | undefined {
  const left = { inbox: 0, spam: 0 };
  let isThere = false;
  for (const [field, sum] of Object.entries(row)) {
    const [, name, digits] = /^(inbox|spam)\.(\d{1,2})$/.exec(field) ?? [];
    const kind = KINDS.find((word) => word === name);
    const halfLifeDays = Number(digits);
    if (kind === undefined || halfLifeDays < 1 || !Number.isFinite(sum)) continue;
    isThere = true;
    // A mark that was taken back may leave a rounding error below zero.
    left[kind] += Math.max(0, sum) * 2 ** (LEAD_HALF_LIVES - (day - EPOCH_DAY) / halfLifeDays);
  }
  if (!isThere) return undefined;
  return { ...left, readers: readersOn(day, row) ?? marksOn(day, row, left.spam) };
}

/** The field that counts who marked an identity's mail. */
export function readersField(halfLifeDays: number): string {
  return `readers.${halfLifeDays}`;
}

/** undefined: nobody has marked since readers are counted. */
function readersOn(day: number, row: Row): number | undefined {
  let readers: number | undefined;
  const { least, greatest } = HALF_LIFE_DAYS;
  for (const [field, sum] of Object.entries(row)) {
    const halfLifeDays = Number(/^readers\.(\d{1,3})$/.exec(field)?.[1] ?? 0);
    if (halfLifeDays < least || halfLifeDays > greatest || !Number.isFinite(sum)) continue;
    readers = (readers ?? 0) + Math.max(0, sum) * 2 ** ((EPOCH_DAY - day) / halfLifeDays);
  }
  return readers;
}

/** A row from before readers were counted: each mark stands for a reader. */
function marksOn(day: number, row: Row, spam: number): number {
  return Math.max(spam, worthOn(day, row).get("markedSpam") ?? 0);
}

/**
 * Wilson's lower bound of the share of spam, and how far it lies above what is tolerated. Both counters fade alike, and with
 * them the bound; how many readers marked is remembered for longer, or a sender whose mail is in junk, where nobody marks it,
 * would be free again after a day.
 */
export function estimateComplaints({ inbox, spam, readers = spam }: Complaints): ComplaintEstimate {
  const n = inbox + PRIOR;
  const share = Math.min(1, spam / n);
  const spread = Z ** 2 / n;
  const middle = (share + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / n + spread / (4 * n));
  const low = Math.max(0, middle - half);
  const distrust = Math.min(1, Math.max(0, (low - TOLERATED) / RANGE));
  return { low, distrust: readers < FEWEST_READERS ? 0 : distrust };
}
