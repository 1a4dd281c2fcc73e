/** The field by which rows are told apart when some have to go; see {@link Change} in port.ts. */
const FIELD = "days";
/** From so many days on a row goes later than those with fewer; each step is about a third more than the last. */
const STEPS = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];

/** As many as {@link worthOf} tells apart. */
export const WORTHS: number = STEPS.length + 1;

/** Of a row kept from before there was the field. */
const MOST_GUESSED = 8;

/** How much a row is worth keeping, 0 to {@link WORTHS} - 1: of those that were seen on several days the least worthy go first. */
export function worthOf(fields: ReadonlyMap<string, number>): number {
  const days = fields.get(FIELD) ?? 0;
  let worth = 0;
  while (worth < STEPS.length && days >= (STEPS[worth] ?? 0)) worth += 1;
  return worth;
}

/**
 * Gives a row from before there was the field a guess of it: one day a week from its first day to its last. One written
 * on a single day and kept for all that was vouched for.
 */
export function guessDays(fields: Map<string, number>, firstDay: number, lastDay: number): void {
  if (fields.has(FIELD)) return;
  const weeks = Math.floor((lastDay - firstDay) / 7);
  const guess = lastDay === firstDay ? MOST_GUESSED : 1 + weeks;
  fields.set(FIELD, Math.max(1, Math.min(guess, MOST_GUESSED)));
}
