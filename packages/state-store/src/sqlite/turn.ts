/**
 * What the column `written` holds: what a row is worth keeping, and below it when it was last written, in seconds since
 * 1970. In this order rows of one rank have to go. A Postern from before worth.ts writes, and reads, the seconds alone.
 */
const STEP = 2 ** 32;

export function turnOf(worth: number, seconds: number): number {
  return worth * STEP + seconds;
}

export function worthIn(turn: number): number {
  return Math.floor(turn / STEP);
}

export function writtenAt(turn: number): number {
  return turn % STEP;
}
