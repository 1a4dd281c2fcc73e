import { createHash } from "node:crypto";
import {
  type ComplaintPolicy,
  complaintField,
  complaintIncrement,
  complaintsOn,
  MARKS_A_RECIPIENT,
  RESCUE_WORTH,
  type Row,
} from "@postern/filter-core";

/** What a reader did: marked a message as spam, or took one out of junk. */
export type Complaint = "spam" | "rescue";

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

/**
 * One complaint more. Of one reader only so many at a time count for a sender; what fades makes room.
 *
 * @returns undefined where there is no room.
 */
export function addComplaint(
  complaint: Complaint,
  day: number,
  ofReader: Row | undefined,
  { halfLifeDays }: ComplaintPolicy,
): ComplaintParts | undefined {
  const told = complaintsOn(day, ofReader ?? {}) ?? { inbox: 0, spam: 0 };
  const before = complaint === "spam" ? told.spam : told.inbox;
  if (before > MARKS_A_RECIPIENT - 1 + ROUNDING) return undefined;
  return partsOf(complaint, complaintIncrement(1, day, halfLifeDays), halfLifeDays);
}

/** The same taken back, as far as it is there. */
export function takeBackComplaint(
  complaint: Complaint,
  day: number,
  ofReader: Row | undefined,
  { halfLifeDays }: ComplaintPolicy,
): ComplaintParts | undefined {
  const there = ofReader?.[fieldFor(complaint, halfLifeDays)] ?? 0;
  if (there <= 0) return undefined;
  const one = Math.min(there, complaintIncrement(1, day, halfLifeDays));
  return partsOf(complaint, -one, halfLifeDays);
}

/** Sums of what fades are not exact. */
const ROUNDING = 1e-6;

function partsOf(complaint: Complaint, amount: number, halfLifeDays: number): ComplaintParts {
  const field = fieldFor(complaint, halfLifeDays);
  const worth = complaint === "spam" ? 1 : RESCUE_WORTH;
  return { ofSender: { [field]: amount * worth }, ofReader: { [field]: amount } };
}

function fieldFor(complaint: Complaint, halfLifeDays: number): string {
  return complaintField(complaint === "spam" ? "spam" : "inbox", halfLifeDays);
}
