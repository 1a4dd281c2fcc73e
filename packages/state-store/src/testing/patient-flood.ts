import type { Change, StateStore } from "../port.ts";

/** Senders that have earned their place before the flood, by how often they write. */
export interface GoodSenders {
  readonly name: string;
  readonly count: number;
  /** Days from one mail to the next; each has a day of its own to begin with. */
  readonly everyDays: number;
  /** Whether they write on during the flood. */
  readonly during: "writing" | "resting";
}

export interface PatientFlood {
  readonly groups: readonly GoodSenders[];
  /** So long the good have written before. */
  readonly daysBefore: number;
  readonly floodDays: number;
  /** New identities of the flood each day; each sends one clean mail more on the next day. */
  readonly newADay: number;
}

/** How many of each group are left, by its name. */
export type Survivors = Readonly<Record<string, number>>;

const FIRST_DAY = 20_781;
const TTL_SECONDS = 300 * 86_400;
const BATCH = 5_000;

/**
 * Cheap identities that come back on a second day, as many as there is room for: whoever makes them must not cost what
 * is known of those who have earned more.
 *
 * @param setDay moves the store's own clock to a day.
 */
export async function patientFlood(
  store: StateStore,
  { groups, daysBefore, floodDays, newADay }: PatientFlood,
  setDay: (day: number) => void,
): Promise<Survivors> {
  for (let index = 0; index < daysBefore + floodDays; index += 1) {
    const isFlooded = index >= daysBefore;
    const day = FIRST_DAY + index;
    setDay(day);
    for (const { name, count, everyDays, during } of groups) {
      if (isFlooded && during === "resting") continue;
      const writing = numbers(count).filter((one) => (index + one) % everyDays === 0);
      await writeAll(
        store,
        writing.map((one) => clean(`domain:${name}-${one}.example.org`, day)),
      );
    }
    if (!isFlooded) continue;
    for (const born of [index - 1, index]) {
      if (born < daysBefore) continue;
      const keys = numbers(newADay).map((one) => `address:flood-${born}-${one}`);
      await writeAll(
        store,
        keys.map((key) => clean(key, day)),
      );
    }
  }
  const left: Record<string, number> = {};
  for (const { name, count } of groups) {
    const keys = numbers(count).map((one) => `domain:${name}-${one}.example.org`);
    left[name] = await countKnown(store, keys);
  }
  return left;
}

async function writeAll(store: StateStore, changes: readonly Change[]): Promise<void> {
  for (let from = 0; from < changes.length; from += BATCH) {
    store.write(changes.slice(from, from + BATCH));
    await store.flush();
  }
  const { dropped, unconfirmed, queued } = store.counters();
  if (dropped + unconfirmed + queued > 0) throw new Error("Cannot flood: changes were lost");
}

async function countKnown(store: StateStore, keys: readonly string[]): Promise<number> {
  let known = 0;
  for (let from = 0; from < keys.length; from += 200) {
    const found = await store.read(keys.slice(from, from + 200));
    if (found.kind === "unavailable") throw new Error(`Cannot count: ${found.reason}`);
    known += found.rows.size;
  }
  return known;
}

function clean(key: string, day: number): Change {
  return {
    key,
    add: { "clean.30": 1, days: 1 },
    setOnce: { first: day },
    day,
    ttlSeconds: TTL_SECONDS,
  };
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
