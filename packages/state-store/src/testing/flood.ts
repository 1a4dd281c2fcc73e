import type { Change, StateStore } from "../port.ts";

export interface FloodResult {
  /** Of the good keys. */
  readonly survivors: number;
  readonly goodKeys: number;
  readonly seconds: number;
}

const DAY = 20_781;
const TTL_SECONDS = 90 * 86_400;
const BATCH = 5_000;

/**
 * Writes `goodKeys` on two days each, then `floodKeys` that are never seen again, then counts who is left: a spammer
 * who makes up a new domain for each mail must not cost what is known of others.
 */
export async function flood(
  store: StateStore,
  sizes: { readonly goodKeys: number; readonly floodKeys: number },
): Promise<FloodResult> {
  const startMs = performance.now();
  const { goodKeys, floodKeys } = sizes;
  for (const day of [DAY, DAY + 1]) {
    await writeAll(store, goodKeys, (index) => goodChange(index, day));
  }
  await writeAll(store, floodKeys, (index) => floodChange(index));
  let survivors = 0;
  for (let from = 0; from < goodKeys; from += 100) {
    const keys = Array.from({ length: Math.min(100, goodKeys - from) }, (_, at) => good(from + at));
    const found = await store.read(keys);
    if (found.kind === "unavailable") throw new Error(`Cannot count survivors: ${found.reason}`);
    survivors += found.rows.size;
  }
  return { survivors, goodKeys, seconds: (performance.now() - startMs) / 1000 };
}

async function writeAll(
  store: StateStore,
  count: number,
  changeOf: (index: number) => Change,
): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const length = Math.min(BATCH, count - from);
    store.write(Array.from({ length }, (_, at) => changeOf(from + at)));
    await store.flush();
  }
  const { dropped, unconfirmed, queued } = store.counters();
  if (dropped + unconfirmed + queued > 0) throw new Error("Cannot flood: changes were lost");
}

function good(index: number): string {
  return `domain:good-${index}.example.org`;
}

function goodChange(index: number, day: number): Change {
  const add = { clean: 1.5 + index, refused: 0.25 };
  return { key: good(index), add, max: { last: day }, day, ttlSeconds: TTL_SECONDS };
}

function floodChange(index: number): Change {
  const key = `domain:throwaway-${index}.example.net`;
  const add = { clean: 0.5, refused: 1.5 };
  return { key, add, max: { last: DAY }, day: DAY, ttlSeconds: TTL_SECONDS };
}
