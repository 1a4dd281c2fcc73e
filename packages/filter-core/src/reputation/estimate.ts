import {
  BAD_EVIDENCE,
  type EvidenceKind,
  GOOD_EVIDENCE,
  type Weights,
} from "../policy/evidence-kinds.ts";
import { type Row, worthOn } from "./decay.ts";

/** The reputation of an identity, 0 (worst) to 100; 50: neutral. */
export interface Estimate {
  /** The bound nearer to 50, or 50 if that lies between the bounds: the part that is statistically certain. */
  readonly score: number;
  readonly low: number;
  readonly high: number;
  /** The amount of evidence, weighted and faded. */
  readonly evidence: number;
}

/** Every identity starts with this much good and bad evidence, so that unknown ones are neutral and few messages change little. */
const PRIOR = 4;

/** The z value of a 90 % interval. */
const Z = 1.645;

/** More would change nothing but the arithmetic. */
const ENOUGH = 1e9;

export const NEUTRAL = 50;

/** The estimate for an identity on a day. */
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

/** The credit for a score: none up to 50, `max` at 100. */
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
