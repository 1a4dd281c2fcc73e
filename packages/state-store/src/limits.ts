/** What a row and a call may hold; the same for every backend. */
export const MAX_KEY_BYTES = 300;
export const MAX_FIELDS = 64;
/** A row as text, see row-text.ts: longer rows are not ours and are never read. */
export const MAX_ROW_BYTES = 8_192;
export const MAX_KEYS_A_READ = 256;
export const MAX_LISTED = 10_000;
/** A batch: so many changes, or so long after the first. */
export const BATCH_CHANGES = 500;
export const BATCH_MS = 100;
/** Rows that were seen on one day only may fill this part of the bound; the rest goes by worth.ts. */
const PROBATION_PART = 0.2;

/** How many rows each segment may hold. */
export interface Capacity {
  readonly probation: number;
  readonly proven: number;
}

export function capacityFor(maxKeys: number): Capacity {
  const probation = Math.max(1, Math.floor(maxKeys * PROBATION_PART));
  return { probation, proven: Math.max(1, maxKeys - probation) };
}
