import { type Row, worthOn } from "./decay.ts";
import { BAD_EVIDENCE, type EvidenceKind, GOOD_EVIDENCE, type Weights } from "./evidence-kinds.ts";

/** What is thought of somebody, 0 (worst) to 100; 50: nothing is known. */
export interface Estimate {
  /** The bound nearer to 50, or 50 where it lies between the bounds: what is sure enough to act on. */
  readonly score: number;
  readonly low: number;
  readonly high: number;
  /** How much it rests on: pieces of evidence, weighed and faded. */
  readonly evidence: number;
}

/** Everybody begins with this much good and this much bad, so that the unknown is neutral and few mails change little. */
const PRIOR = 4;

/** Of ten estimates nine lie between their bounds. */
const Z = 1.645;

/** More would change nothing but the arithmetic. */
const ENOUGH = 1e9;

export const NEUTRAL = 50;

/** What the row of an identity says of it on a day. */
export function estimateOn(day: number, row: Row, weights: Weights): Estimate {
  const worth = worthOn(day, row);
  const sum = (kinds: readonly EvidenceKind[]): number =>
    kinds.reduce((total, kind) => total + (worth.get(kind) ?? 0) * weights[kind], 0);
  return estimate(sum(GOOD_EVIDENCE), sum(BAD_EVIDENCE));
}

/**
 * Wilson's interval of a share, over what was seen and {@link PRIOR} of either kind. In closed form, and monotone: good
 * raises both bounds, bad lowers both, and what fades brings the score back to 50.
 */
export function estimate(goodSum: number, badSum: number): Estimate {
  const [good, bad] = [Math.min(goodSum, ENOUGH), Math.min(badSum, ENOUGH)];
  const evidence = good + bad;
  const n = evidence + 2 * PRIOR;
  const share = (good + PRIOR) / n;
  const spread = Z ** 2 / n;
  const middle = (share + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / n + spread / (4 * n));
  const low = percent(middle - half);
  const high = percent(middle + half);
  const score = low > NEUTRAL ? low : high < NEUTRAL ? high : NEUTRAL;
  return { score, low, high, evidence };
}

/** The trust that a score gives: none up to 50, `max` at 100. */
export function creditFor(score: number, max: number): number {
  return (max * Math.max(0, score - NEUTRAL)) / (100 - NEUTRAL);
}

/** How much a score raises debts: 0 from 50 on, 1 at 0. */
export function badnessFor(score: number): number {
  return Math.max(0, NEUTRAL - score) / NEUTRAL;
}

function percent(share: number): number {
  return Math.min(100, Math.max(0, share * 100));
}
