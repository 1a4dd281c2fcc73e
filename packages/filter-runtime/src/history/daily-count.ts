import type { EvidenceKind, Row } from "@postern/filter-core";

/** How many pieces of one kind were counted on a day. */
export interface Counted {
  /** Since 1970-01-01, in UTC. */
  readonly day: number;
  readonly amount: number;
}

/** No cap of a policy is larger. */
const MAX_COUNT = 999_999;

/** The field of an identity's row that counts a kind of evidence for the caps of a day. */
export function countField(kind: EvidenceKind): string {
  return `${kind}.today`;
}

/** As one number that only rises: the larger of two hosts is kept. */
export function writeCount({ day, amount }: Counted): number {
  return day * (MAX_COUNT + 1) + Math.min(MAX_COUNT, Math.ceil(amount));
}

export function readCount(written: number | undefined): Counted | undefined {
  if (written === undefined || !(written >= 0)) return undefined;
  return { day: Math.floor(written / (MAX_COUNT + 1)), amount: written % (MAX_COUNT + 1) };
}

/** How many pieces of a kind a row counts for a day. */
export function countedOn(day: number, kind: EvidenceKind, row: Row | undefined): number {
  const told = readCount(row?.[countField(kind)]);
  return told?.day === day ? told.amount : 0;
}
