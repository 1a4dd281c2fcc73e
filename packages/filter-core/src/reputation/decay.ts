import { secondsOf } from "../facts/timestamp.ts";
import { EVIDENCE_KINDS, type EvidenceKind } from "../policy/evidence-kinds.ts";

/**
 * What a store keeps of one identity: sums by field ({@link fieldOf}), and `first`, the day it was first seen, and
 * `days`, on how many it sent clean mail: by these a full store knows whom to forget last. Days are counted from 1970, in
 * UTC.
 */
export type Row = Readonly<Record<string, number>>;

/** 2026-01-01: sums are written as if worth this day, so that a store only ever adds. */
export const EPOCH_DAY = 20_454;

/** The least that `days` is where somebody here has vouched for a sender: chosen, two months of one mail a week. */
export const VOUCHED_DAYS = 8;

/** Below 7 days the sums would leave the range of numbers within 20 years. */
export const HALF_LIFE_DAYS = { least: 7, greatest: 365 } as const;

/** The UTC day of a timestamp of the facts. */
export function dayOf(now: string): number {
  return Math.floor((secondsOf(now) ?? 0) / 86_400);
}

/**
 * The field that sums evidence of a kind, `clean.30`. The half-life is part of it: a sum is read as it was written,
 * whatever the policy says by then, and so fades as it was meant to.
 */
export function fieldOf(kind: EvidenceKind, halfLifeDays: number): string {
  return `${kind}.${halfLifeDays}`;
}

/**
 * What evidence of a day adds to its field (forward decay: later days add more, instead of earlier ones fading). So
 * order does not matter, and the sums of two hosts can be added.
 */
export function increment(amount: number, day: number, halfLifeDays: number): number {
  return amount * 2 ** ((day - EPOCH_DAY) / halfLifeDays);
}

/** What is left on a day, by kind: pieces of evidence, each worth less the older it is. Unknown fields count nothing. */
export function worthOn(day: number, row: Row): ReadonlyMap<EvidenceKind, number> {
  const worth = new Map<EvidenceKind, number>();
  for (const [field, sum] of Object.entries(row)) {
    const read = readField(field);
    if (read === undefined || !(sum > 0) || !Number.isFinite(sum)) continue;
    const left = sum * 2 ** (-(day - EPOCH_DAY) / read.halfLifeDays);
    worth.set(read.kind, (worth.get(read.kind) ?? 0) + left);
  }
  return worth;
}

function readField(
  field: string,
): { readonly kind: EvidenceKind; readonly halfLifeDays: number } | undefined {
  const [, name, digits = ""] = /^(\w+)\.(\d{1,3})$/.exec(field) ?? [];
  const kind = EVIDENCE_KINDS.find((word) => word === name);
  const halfLifeDays = Number(digits);
  const { least, greatest } = HALF_LIFE_DAYS;
  if (kind === undefined || halfLifeDays < least || halfLifeDays > greatest) return undefined;
  return { kind, halfLifeDays };
}
