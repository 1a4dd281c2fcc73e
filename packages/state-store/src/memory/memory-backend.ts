import { applyChange } from "../apply-change.ts";
import type { Applied, Backend, RowsListed, RowsRead } from "../backend.ts";
import type { Clock } from "../clock.ts";
import { toFields } from "../fields.ts";
import { type Capacity, capacityFor } from "../limits.ts";
import type { Change, Fields, ListedRow } from "../port.ts";
import { expiresAt, firstDay, type PackedRow, Shapes } from "./packed-row.ts";
import { Segment } from "./segment.ts";

/**
 * Rows in this process, gone with it. A row starts in probation and moves on when it is written on a second day or by a
 * change of rank `proven`; each segment loses its oldest rows when it is full, so a flood of new keys costs none that
 * are proven.
 */
export class MemoryBackend implements Backend {
  readonly name = "memory:";
  readonly #clock: Pick<Clock, "wallMs">;
  readonly #capacity: Capacity;
  readonly #shapes = new Shapes();
  readonly #probation = new Segment<PackedRow>();
  readonly #proven = new Segment<PackedRow>();

  constructor(maxKeys: number, clock: Pick<Clock, "wallMs">) {
    this.#clock = clock;
    this.#capacity = capacityFor(maxKeys);
  }

  get size(): number {
    return this.#probation.size + this.#proven.size;
  }

  async read(keys: readonly string[]): Promise<RowsRead> {
    const rows = new Map<string, Fields>();
    for (const key of keys) {
      const row = this.#find(key);
      if (row !== undefined) rows.set(key, toFields(this.#shapes.unpack(row)));
    }
    return { rows, unreadable: null };
  }

  async apply(changes: readonly Change[]): Promise<Applied> {
    let written = 0;
    for (const change of changes) if (this.#apply(change) === "applied") written += 1;
    return { written, refused: changes.length - written, unreadable: null };
  }

  async list(prefix: string, limit: number): Promise<RowsListed> {
    const keys: string[] = [];
    let isCut = false;
    for (const segment of [this.#proven, this.#probation]) {
      for (const [key, row] of segment.entries()) {
        if (!key.startsWith(prefix) || this.#isExpired(row)) continue;
        if (keys.length === limit) isCut = true;
        else keys.push(key);
        if (isCut) break;
      }
    }
    const rows: ListedRow[] = [];
    for (const [key, fields] of (await this.read(keys.sort())).rows) rows.push({ key, fields });
    return { rows, isCut };
  }

  async forget(key: string): Promise<"forgotten" | "absent"> {
    const isKnown = this.#find(key) !== undefined;
    this.#remove(key);
    return isKnown ? "forgotten" : "absent";
  }

  async probe(): Promise<void> {}

  async close(): Promise<void> {}

  #apply(change: Change): "applied" | "refused" {
    const known = this.#find(change.key);
    const fields = known === undefined ? new Map<string, number>() : this.#shapes.unpack(known);
    if (applyChange(fields, change) === "refused") return "refused";
    const expires = this.#nowSeconds() + change.ttlSeconds;
    const row = this.#shapes.pack(
      fields,
      known === undefined ? expires : Math.max(expires, expiresAt(known)),
      known === undefined ? change.day : firstDay(known),
    );
    if (row === undefined) return "refused";
    const isProven =
      change.rank === "proven" ||
      firstDay(row) !== change.day ||
      (known !== undefined && this.#proven.get(change.key) === known);
    if (isProven) {
      this.#probation.delete(change.key);
      this.#proven.put(change.key, row);
      if (this.#proven.size > this.#capacity.proven) this.#proven.dropOldest();
    } else {
      this.#probation.put(change.key, row);
      if (this.#probation.size > this.#capacity.probation) this.#probation.dropOldest();
    }
    return "applied";
  }

  /** An expired row is as good as none, and is removed where it is met. */
  #find(key: string): PackedRow | undefined {
    const row = this.#probation.get(key) ?? this.#proven.get(key);
    if (row === undefined || !this.#isExpired(row)) return row;
    this.#remove(key);
    return undefined;
  }

  #remove(key: string): void {
    this.#probation.delete(key);
    this.#proven.delete(key);
  }

  #isExpired(row: PackedRow): boolean {
    return expiresAt(row) <= this.#nowSeconds();
  }

  #nowSeconds(): number {
    return Math.floor(this.#clock.wallMs() / 1000);
  }
}
