import { type Applied, asFault, type Backend, StoreFault, type Unreadable } from "../backend.ts";
import { isChange, isKey } from "../check-change.ts";
import type { Clock } from "../clock.ts";
import { MAX_KEYS_A_READ, MAX_LISTED } from "../limits.ts";
import type { Change, Found, Listed, StateStore, StoreCounters, StoreEvent } from "../port.ts";
import { Breaker, type Lane } from "./breaker.ts";
import { type Outcome, within } from "./within.ts";
import { WriteQueue } from "./write-queue.ts";

export interface GuardOptions {
  readonly clock: Clock;
  readonly readDeadlineMs: number;
  readonly maxQueued: number;
  readonly onEvent: (event: StoreEvent) => void;
}

const BATCH_DEADLINE_MS = 10_000;
const FLUSH_DEADLINE_MS = 10_000;
const COMMAND_DEADLINE_MS = 10_000;
/** Concurrent reads; further ones fail at once as unavailable. */
const MAX_READS = 1_000;
const BAD_ROW_EVERY_MS = 60_000;

/** Any backend as a {@link StateStore}: with deadlines, a breaker, a bounded queue and counters. */
export class GuardedStore implements StateStore {
  readonly #backend: Backend;
  readonly #options: GuardOptions;
  readonly #breaker: Breaker;
  readonly #queue: WriteQueue;
  readonly #counts = {
    reads: 0,
    unavailable: 0,
    late: 0,
    written: 0,
    dropped: 0,
    unconfirmed: 0,
    invalid: 0,
    refused: 0,
    unreadable: 0,
  };
  #readsUnderWay = 0;
  #isDropping = false;
  #badRowMs = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | undefined;

  constructor(backend: Backend, options: GuardOptions) {
    this.#backend = backend;
    this.#options = options;
    const { clock, maxQueued } = options;
    const store = backend.name;
    this.#breaker = new Breaker({
      clock,
      probe: () => backend.probe(),
      onDown: (reason) => this.#tell({ kind: "down", store, reason }),
      onUp: (downMs) => {
        this.#tell({ kind: "up", store, downMs });
        this.#queue.wake();
      },
    });
    this.#queue = new WriteQueue({
      clock,
      limit: maxQueued,
      send: (batch) => this.#send(batch),
      isUp: () =>
        this.#breaker.reason === undefined ||
        (this.#closing !== undefined && this.#breaker.isWorthATry),
      onDropped: (count) => this.#noteDropped(count),
    });
  }

  /** Tries the store once, so that problems are reported at start. */
  async begin(deadlineMs: number): Promise<void> {
    const outcome = await within(this.#options.clock, deadlineMs, () => this.#backend.probe());
    if (outcome.kind === "done") return;
    const { message } = faultOf(outcome);
    // What is still opening by then is spared until it is open, and takes what waits for it.
    this.#breaker.open({ message, weight: outcome.kind === "late" ? "busy" : "proof" });
  }

  async read(
    keys: readonly string[],
    deadlineMs: number = this.#options.readDeadlineMs,
  ): Promise<Found> {
    this.#counts.reads += 1;
    const down = this.#breaker.reason;
    if (down !== undefined) return this.#unavailable(down);
    if (this.#closing !== undefined) return this.#unavailable("the store is closed");
    if (keys.length > MAX_KEYS_A_READ) {
      return this.#unavailable(`${keys.length} keys, allowed are ${MAX_KEYS_A_READ}`);
    }
    if (this.#readsUnderWay >= MAX_READS) return this.#unavailable(`${MAX_READS} reads under way`);
    const known = [...new Set(keys)].filter(isKey);
    if (known.length === 0) return { kind: "found", rows: new Map() };
    this.#readsUnderWay += 1;
    const outcome = await within(this.#options.clock, deadlineMs, () => this.#backend.read(known));
    this.#readsUnderWay -= 1;
    if (outcome.kind === "late") this.#counts.late += 1;
    const fault = this.#judge("read", outcome);
    if (outcome.kind !== "done") return this.#unavailable(fault?.message ?? "");
    this.#noteUnreadable(outcome.value.unreadable);
    return { kind: "found", rows: outcome.value.rows };
  }

  write(changes: readonly Change[]): void {
    for (const change of changes) {
      if (!isChange(change)) this.#counts.invalid += 1;
      else if (this.#closing !== undefined) this.#counts.dropped += 1;
      else this.#queue.push(change);
    }
  }

  async flush(): Promise<void> {
    await within(this.#options.clock, FLUSH_DEADLINE_MS, () => this.#queue.drain());
  }

  async list(prefix: string, limit: number): Promise<Listed> {
    const rows = Math.min(Math.max(1, Math.floor(limit) || 1), MAX_LISTED);
    if (prefix !== "" && !isKey(prefix)) return { kind: "found", rows: [], isCut: false };
    const outcome = await this.#command(() => this.#backend.list(prefix, rows));
    if (outcome instanceof StoreFault) return { kind: "unavailable", reason: outcome.message };
    return { kind: "found", ...outcome };
  }

  async forget(key: string): Promise<boolean> {
    if (!isKey(key)) return false;
    await this.flush();
    const outcome = await this.#command(() => this.#backend.forget(key));
    if (outcome instanceof StoreFault) {
      throw new Error(`Cannot forget a row of ${this.#backend.name}: ${outcome.message}`, {
        cause: outcome,
      });
    }
    return outcome === "forgotten";
  }

  counters(): StoreCounters {
    return {
      state: this.#breaker.reason === undefined ? "up" : "down",
      ...this.#counts,
      queued: this.#queue.size,
      downs: this.#breaker.downs,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await within(this.#options.clock, FLUSH_DEADLINE_MS, () =>
      this.#queue.drainFor(FLUSH_DEADLINE_MS),
    );
    this.#queue.discard();
    this.#breaker.close();
    await within(this.#options.clock, COMMAND_DEADLINE_MS, () => this.#backend.close());
  }

  async #command<T>(work: () => Promise<T>): Promise<T | StoreFault> {
    const down = this.#breaker.reason;
    if (down !== undefined) return new StoreFault(down, { batch: "unknown", weight: "suspicion" });
    const outcome = await within(this.#options.clock, COMMAND_DEADLINE_MS, work);
    this.#judge("write", outcome);
    return outcome.kind === "done" ? outcome.value : faultOf(outcome);
  }

  async #send(batch: readonly Change[]): Promise<"done" | "again"> {
    const outcome = await within(this.#options.clock, BATCH_DEADLINE_MS, () =>
      this.#backend.apply(batch),
    );
    const fault = this.#judge("write", outcome);
    if (outcome.kind === "done") this.#noteApplied(outcome.value, batch.length);
    else if (fault?.batch === "not-applied") return "again";
    else this.#counts.unconfirmed += batch.length;
    if (this.#queue.size <= batch.length) this.#isDropping = false;
    return "done";
  }

  /** Tells the breaker. */
  #judge(lane: Lane, outcome: Outcome<unknown>): StoreFault | undefined {
    if (outcome.kind === "done") {
      this.#breaker.succeeded(lane);
      return undefined;
    }
    const fault = faultOf(outcome);
    this.#breaker.failed(lane, fault);
    return fault;
  }

  #unavailable(reason: string): Found {
    this.#counts.unavailable += 1;
    return { kind: "unavailable", reason };
  }

  #noteApplied({ written, refused, unreadable }: Applied, sent: number): void {
    this.#counts.written += written;
    this.#counts.refused += refused;
    this.#counts.unconfirmed += sent - written - refused;
    this.#noteUnreadable(unreadable);
  }

  #noteDropped(count: number): void {
    this.#counts.dropped += count;
    if (this.#isDropping || this.#closing !== undefined) return;
    this.#isDropping = true;
    const { maxQueued: limit } = this.#options;
    this.#tell({ kind: "dropping", store: this.#backend.name, limit });
  }

  #noteUnreadable(unreadable: Unreadable | null): void {
    if (unreadable === null) return;
    this.#counts.unreadable += unreadable.count;
    const nowMs = this.#options.clock.nowMs();
    if (nowMs - this.#badRowMs < BAD_ROW_EVERY_MS) return;
    this.#badRowMs = nowMs;
    this.#tell({ kind: "bad-row", store: this.#backend.name, reason: unreadable.reason });
  }

  #tell(event: StoreEvent): void {
    try {
      this.#options.onEvent(event);
    } catch {
      // Whoever listens may fail; the store goes on.
    }
  }
}

function faultOf(outcome: Exclude<Outcome<unknown>, { kind: "done" }>): StoreFault {
  return asFault(outcome.kind === "late" ? "no answer in time" : outcome.error);
}
