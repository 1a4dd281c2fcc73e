import type { Change, Fields, ListedRow } from "./port.ts";

/** What the three stores differ in. Everything else (deadlines, breaker, queue, counters) is of guard/. */
export interface Backend {
  /** As it is shown: without a password. */
  readonly name: string;
  /** @throws {StoreFault} */
  read(keys: readonly string[]): Promise<RowsRead>;
  /**
   * Applies a batch of checked changes.
   * @throws {StoreFault}
   */
  apply(changes: readonly Change[]): Promise<Applied>;
  /** @throws {StoreFault} */
  list(prefix: string, limit: number): Promise<RowsListed>;
  /** @throws {StoreFault} */
  forget(key: string): Promise<"forgotten" | "absent">;
  /**
   * Tries whether the store can be read and written, and opens it again where that helps.
   * @throws {StoreFault}
   */
  probe(): Promise<void>;
  close(): Promise<void>;
}

export interface RowsRead {
  readonly rows: ReadonlyMap<string, Fields>;
  /** Why rows were left out that are none of ours, for the first of them; null: there were none. */
  readonly unreadable: Unreadable | null;
}

/** In the order of their keys. */
export interface RowsListed {
  readonly rows: readonly ListedRow[];
  /** There were more. */
  readonly isCut: boolean;
}

export interface Unreadable {
  readonly count: number;
  readonly reason: string;
}

export interface Applied {
  readonly written: number;
  /** Changes their rows did not take. */
  readonly refused: number;
  /** Rows among these that are none of ours. */
  readonly unreadable: Unreadable | null;
}

/** The store did not do what it was asked for. */
export class StoreFault extends Error {
  override readonly name = "StoreFault";
  /** Of a batch: `not-applied` can be tried again, after `unknown` it cannot, as sums would be added twice. */
  readonly batch: "not-applied" | "unknown";
  /**
   * `busy`: it is there, and others had it all the time. `suspicion`: slow, a lost connection. `proof`: it cannot be used
   * until somebody has done something.
   */
  readonly weight: "busy" | "suspicion" | "proof";

  constructor(
    message: string,
    what: { batch: StoreFault["batch"]; weight: StoreFault["weight"]; cause?: unknown },
  ) {
    super(message, { cause: what.cause });
    this.batch = what.batch;
    this.weight = what.weight;
  }
}

/** Any error as a fault; one that is not ours says nothing about what was applied. */
export function asFault(error: unknown): StoreFault {
  if (error instanceof StoreFault) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StoreFault(message, { batch: "unknown", weight: "suspicion", cause: error });
}

/** Of what is asked after {@link Backend.close}: no thread and no connection is started for it. */
export function closedFault(): StoreFault {
  return new StoreFault("the store is closed", { batch: "not-applied", weight: "suspicion" });
}
