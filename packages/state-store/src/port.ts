/**
 * Named numbers; at most 64 in a row. Those a store gives out have no prototype. `days` says on how many days a row has
 * earned its place: where rows have to go, of those seen on several days the one with the fewest goes first, and of
 * equals the one that was written longest ago. So a flood of any size costs none that has earned more than it.
 */
export type Fields = Readonly<Record<string, number>>;

/**
 * What is to become of one row. Each field stands in one of the four groups only. Changes of one writer are applied in
 * their order, those of several writers in any; `add` and `max` come out the same in every order.
 */
export interface Change {
  /** 1 to 300 bytes of printable ASCII without blanks. */
  readonly key: string;
  /** Added to what is there, as doubles. */
  readonly add?: Fields;
  /** Kept only where the field is not there yet. */
  readonly setOnce?: Fields;
  readonly set?: Fields;
  /** Kept where it is larger than what is there. */
  readonly max?: Fields;
  /** Days since 1970-01-01, from the caller's clock. */
  readonly day: number;
  /** The row stays at least this long after the change; what an earlier change promised is kept, too. */
  readonly ttlSeconds: number;
  /** `proven`: the row need not be seen on a second day to outlive a flood. Default `ordinary`. */
  readonly rank?: Rank;
}

export type Rank = "proven" | "ordinary";

/** What a read found. Keys that nothing is known of, and rows that cannot be read, are absent. */
export type Found =
  | { readonly kind: "found"; readonly rows: ReadonlyMap<string, Fields> }
  | { readonly kind: "unavailable"; readonly reason: string };

export interface ListedRow {
  readonly key: string;
  readonly fields: Fields;
}

/** In the order of their keys. Where there are more than asked for, which of them is not said. */
export type Listed =
  | { readonly kind: "found"; readonly rows: readonly ListedRow[]; readonly isCut: boolean }
  | { readonly kind: "unavailable"; readonly reason: string };

/**
 * Advisory state: what is lost costs a little knowledge, never a mail. Nothing here throws at a caller who judges
 * mail, and nothing waits longer than it may.
 */
export interface StateStore extends AsyncDisposable {
  /**
   * Never rejects, and answers within its deadline: an option of the store (50 ms), or `deadlineMs` where a person waits
   * and no mail does. At most 256 keys.
   */
  read(keys: readonly string[], deadlineMs?: number): Promise<Found>;
  /**
   * Queues. Written in batches, so a read may miss the last 100 ms. Never throws: what is malformed or too much is
   * dropped and counted.
   */
  write(changes: readonly Change[]): void;
  /** Resolves when what is queued is written, or cannot be for now. Never rejects; bounded by 10 s. */
  flush(): Promise<void>;
  /** For commands, not for judging mail: may take seconds. `limit` is 1 to 10,000. Never rejects. */
  list(prefix: string, limit: number): Promise<Listed>;
  /**
   * Writes what is queued, then removes the row.
   * @returns whether there was one.
   * @throws {Error} if the store is not available.
   */
  forget(key: string): Promise<boolean>;
  counters(): StoreCounters;
  /** Writes what is queued, as {@link flush} does, and gives back files, threads and sockets. */
  close(): Promise<void>;
}

/** Since the store was opened. */
export interface StoreCounters {
  readonly state: "up" | "down";
  readonly reads: number;
  /** Reads that ended as `unavailable`, {@link late} ones among them. */
  readonly unavailable: number;
  /** Reads that missed their deadline. */
  readonly late: number;
  readonly written: number;
  readonly queued: number;
  /** Changes beyond the bound of the queue, or still queued at the end. */
  readonly dropped: number;
  /** Changes sent to a store that did not say what became of them. */
  readonly unconfirmed: number;
  /** Malformed changes: a key or field that is none, no finite number. */
  readonly invalid: number;
  /** Changes that the row did not take: something else is kept under its key, or it would be too large. */
  readonly refused: number;
  /** Rows found that Postern did not write. */
  readonly unreadable: number;
  /** How often the store went down. */
  readonly downs: number;
}

/** What an operator wants to know. */
export type StoreEvent =
  /** Once until the store is up again. Mail is judged without it. */
  | { readonly kind: "down"; readonly store: string; readonly reason: string }
  | { readonly kind: "up"; readonly store: string; readonly downMs: number }
  /** The queue is full; once until it is empty again. */
  | { readonly kind: "dropping"; readonly store: string; readonly limit: number }
  /** A row that Postern did not write; at most once a minute. */
  | { readonly kind: "bad-row"; readonly store: string; readonly reason: string };
