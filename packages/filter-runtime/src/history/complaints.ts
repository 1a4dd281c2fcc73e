import { createHash } from "node:crypto";
import {
  complaintField,
  complaintIncrement,
  complaintsOn,
  increment,
  MARKS_A_RECIPIENT,
  RESCUE_WORTH,
  type Row,
  readersField,
} from "@postern/filter-core";

/** What a reader did: marked a message as spam, or took one out of junk. */
export type Complaint = "spam" | "rescue";

/** In days: of the counters of complaints, and of evidence, as which it is remembered who complained. */
export interface HalfLives {
  readonly complaints: number;
  readonly evidence: number;
}

/** What is added to the row of a sender, and to that of one of its readers. */
export interface ComplaintParts {
  readonly ofSender: Row;
  readonly ofReader: Row;
}

/** The row of what one reader has said of one sender: a digest, which names neither. */
export function readerKey(reader: string, senderKey: string): string {
  const digest = createHash("sha256").update(`${reader.toLowerCase()}\n${senderKey}`, "latin1");
  return `reader:${digest.digest("hex").slice(0, 32)}`;
}

/** Who says it of whom, as the store has them. */
export interface Complaining {
  /** Days since 1970-01-01, in UTC: when it is said; where it is taken back, when it was. */
  readonly day: number;
  readonly ofSender: Row | undefined;
  readonly ofReader: Row | undefined;
  /** `nobody`: all whom nobody names; each of their marks may be another's. */
  readonly reader: "named" | "nobody";
}

/**
 * One complaint more. Of one reader only so many at a time count for a sender; what fades makes room.
 *
 * @returns undefined where there is no room.
 */
export function addComplaint(
  complaint: Complaint,
  { day, ofSender, ofReader, reader }: Complaining,
  halfLives: HalfLives,
): ComplaintParts | undefined {
  const told = complaintsOn(day, ofReader ?? {}) ?? { inbox: 0, spam: 0 };
  const before = complaint === "spam" ? told.spam : told.inbox;
  if (before > MARKS_A_RECIPIENT - 1 + ROUNDING) return undefined;
  const one = partsOf(complaint, complaintIncrement(1, day, halfLives.complaints), halfLives);
  const field = readersField(halfLives.evidence);
  const isCounted = reader === "named" && readersIn(ofReader).some((sum) => sum > 0);
  if (complaint !== "spam" || isCounted) return one;
  const amount = increment(1, day, halfLives.evidence);
  // A row from before readers were counted goes on from what it has.
  const isOld = readersIn(ofSender).length === 0;
  const earlier = isOld ? complaintsOn(day, ofSender ?? {})?.readers : 0;
  return withReaders(one, field, amount, amount * (earlier ?? 0));
}

/** The same taken back, as far as it is there. */
export function takeBackComplaint(
  complaint: Complaint,
  { day, ofSender, ofReader, reader }: Complaining,
  halfLives: HalfLives,
): ComplaintParts | undefined {
  const there = ofReader?.[fieldFor(complaint, halfLives.complaints)] ?? 0;
  if (there <= 0) return undefined;
  const whole = complaintIncrement(1, day, halfLives.complaints);
  const one = partsOf(complaint, -Math.min(there, whole), halfLives);
  const isLast = there - whole <= whole * ROUNDING;
  if (complaint !== "spam" || (reader === "named" && !isLast)) return one;
  const field = readersField(halfLives.evidence);
  const counted = Math.min(ofReader?.[field] ?? 0, ofSender?.[field] ?? 0);
  const amount = reader === "named" ? counted : increment(1, day, halfLives.evidence);
  return withReaders(one, field, -Math.min(counted, amount), 0);
}

/** Whatever half-life they were written with. */
function readersIn(row: Row = {}): readonly number[] {
  return Object.entries(row).flatMap(([field, sum]) => (field.startsWith("readers.") ? [sum] : []));
}

/** Sums of what fades are not exact. */
const ROUNDING = 1e-6;

function partsOf(complaint: Complaint, amount: number, { complaints }: HalfLives): ComplaintParts {
  const field = fieldFor(complaint, complaints);
  const worth = complaint === "spam" ? 1 : RESCUE_WORTH;
  return { ofSender: { [field]: amount * worth }, ofReader: { [field]: amount } };
}

function withReaders(
  { ofSender, ofReader }: ComplaintParts,
  field: string,
  amount: number,
  earlier: number,
): ComplaintParts {
  return {
    ofSender: { ...ofSender, [field]: amount + earlier },
    ofReader: { ...ofReader, [field]: amount },
  };
}

function fieldFor(complaint: Complaint, halfLifeDays: number): string {
  return complaintField(complaint === "spam" ? "spam" : "inbox", halfLifeDays);
}
