import type { Row } from "@postern/filter-core";

/** What history needs of a store: rows of named numbers. @postern/state-store fits. */
export interface HistoryStore {
  /** Never rejects, and answers within its deadline. Keys that nothing is known of are absent. */
  read(keys: readonly string[]): Promise<HistoryFound>;
  /** Queues; never throws. */
  write(changes: readonly HistoryChange[]): void;
}

export type HistoryFound =
  | { readonly kind: "found"; readonly rows: ReadonlyMap<string, Row> }
  | { readonly kind: "unavailable" };

export interface HistoryChange {
  readonly key: string;
  readonly add?: Row;
  /** Kept only where the field is not there yet. */
  readonly setOnce?: Row;
  readonly set?: Row;
  /** Kept where it is larger than what is there. */
  readonly max?: Row;
  /** Days since 1970-01-01, in UTC. */
  readonly day: number;
  readonly ttlSeconds: number;
  /** `proven`: worth keeping when a flood of new keys comes. */
  readonly rank?: "proven" | "ordinary";
}
