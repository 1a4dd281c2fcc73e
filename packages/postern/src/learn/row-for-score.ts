import {
  estimateOn,
  fieldOf,
  increment,
  NEUTRAL,
  type ReputationPolicy,
  type Row,
} from "@postern/filter-core";

/** No score takes more marks than this. */
const MOST_MARKS = 1_000;

/**
 * The evidence that gives a score: so many marks of users.
 *
 * @param score 0 to 100; the ends are reached only nearly.
 * @param today days since 1970-01-01, in UTC.
 */
export function rowForScore(
  score: number,
  { halfLifeDays, weights }: ReputationPolicy,
  today: number,
): Row {
  const field = fieldOf(score < NEUTRAL ? "markedSpam" : "markedHam", halfLifeDays);
  const rowOf = (marks: number): Row => ({ [field]: increment(marks, today, halfLifeDays) });
  let [few, many] = [0, MOST_MARKS];
  for (let turn = 0; turn < 60; turn += 1) {
    const middle = (few + many) / 2;
    const reached = estimateOn(today, rowOf(middle), weights).score;
    if (Math.abs(reached - NEUTRAL) < Math.abs(score - NEUTRAL)) few = middle;
    else many = middle;
  }
  return rowOf(many);
}
