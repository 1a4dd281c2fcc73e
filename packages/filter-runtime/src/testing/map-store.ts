import type { Row } from "@postern/filter-core";
import type { HistoryFound, HistoryStore } from "../history/store.ts";

/** For tests: a store made of a map. */
export interface MapStore extends HistoryStore {
  readonly rows: Map<string, Row>;
  /** From now on it answers, or does not. */
  be(state: "up" | "down"): void;
}

export function mapStore(): MapStore {
  const rows = new Map<string, Row>();
  let isUp = true;
  return {
    rows,
    be(state) {
      isUp = state === "up";
    },
    read: async (keys): Promise<HistoryFound> =>
      isUp
        ? {
            kind: "found",
            rows: new Map(
              keys.flatMap((key) => {
                const row = rows.get(key);
                return row === undefined ? [] : [[key, row] as const];
              }),
            ),
          }
        : { kind: "unavailable" },
    write(changes) {
      for (const { key, add = {}, setOnce = {}, set = {}, max = {} } of changes) {
        const row: Record<string, number> = { ...setOnce, ...rows.get(key), ...set };
        for (const [field, amount] of Object.entries(add)) row[field] = (row[field] ?? 0) + amount;
        for (const [field, value] of Object.entries(max))
          row[field] = Math.max(row[field] ?? value, value);
        rows.set(key, row);
      }
    },
  };
}
