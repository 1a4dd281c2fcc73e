import { applyChange } from "../apply-change.ts";
import type { Applied, Backend, RowsListed, RowsRead } from "../backend.ts";
import type { Clock } from "../clock.ts";
import { toFields } from "../fields.ts";
import { type Capacity, capacityFor } from "../limits.ts";
import type { Change, Fields, ListedRow } from "../port.ts";
import { WORTHS, worthOf } from "../worth.ts";
import { expiresAt, firstDay, type PackedRow, placeOf, Shapes } from "./packed-row.ts";
import { Segment } from "./segment.ts";

const PROBATION = 0;
/** Rows looked at, whether their time is over, for each one that has to go. */
const SWEPT_AT_ONCE = 4;

/**
 * Rows in this process, gone with it. A row starts in probation and moves on when it is written on a second day or by a
 * change of rank `proven`; from then on it is kept among those of its worth. What is too much goes from the oldest of
 * probation, and from the oldest of the least worth: a flood costs none that has earned more.
 */
export class MemoryBackend implements Backend {
  readonly name = "memory:";
  readonly #clock: Pick<Clock, "wallMs">;
  readonly #capacity: Capacity;
  readonly #shapes = new Shapes();
  /** Probation, then the others by their worth. */
  readonly #segments = Array.from({ length: 1 + WORTHS }, () => new Segment<PackedRow>());
  #sweep: Generator<readonly [Segment<PackedRow>, string, PackedRow]> | undefined;

  constructor(maxKeys: number, clock: Pick<Clock, "wallMs">) {
    this.#clock = clock;
    this.#capacity = capacityFor(maxKeys);
  }

  get size(): number {
    return this.#segments.reduce((sum, { size }) => sum + size, 0);
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
    for (const segment of this.#segments.toReversed()) {
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
    const day = known === undefined ? change.day : firstDay(known);
    const before = known === undefined ? undefined : placeOf(known);
    const isProven =
      change.rank === "proven" || day !== change.day || (before ?? PROBATION) !== PROBATION;
    const place = isProven ? 1 + worthOf(fields) : PROBATION;
    const row = this.#shapes.pack(fields, {
      expires: known === undefined ? expires : Math.max(expires, expiresAt(known)),
      ...{ day, place },
    });
    if (row === undefined) return "refused";
    if (before !== undefined && before !== place) this.#segments[before]?.delete(change.key);
    this.#segments[place]?.put(change.key, row);
    if (isProven) this.#dropLeastWorthy();
    else this.#dropOldestInProbation();
    return "applied";
  }

  #dropOldestInProbation(): void {
    const probation = this.#segments[PROBATION];
    if ((probation?.size ?? 0) > this.#capacity.probation) probation?.dropOldest();
  }

  #dropLeastWorthy(): void {
    const proven = this.size - (this.#segments[PROBATION]?.size ?? 0);
    if (proven <= this.#capacity.proven) return;
    const least = this.#segments.find((segment, place) => place > PROBATION && segment.size > 0);
    least?.dropOldest();
    this.#sweepExpired();
  }

  /** Those of much worth never come to be the oldest of the least: their time is looked at in turn. */
  #sweepExpired(): void {
    for (let count = 0; count < SWEPT_AT_ONCE; count += 1) {
      this.#sweep ??= this.#walk();
      const { value, done } = this.#sweep.next();
      if (done === true) this.#sweep = undefined;
      else if (this.#isExpired(value[2])) value[0].delete(value[1]);
    }
  }

  *#walk(): Generator<readonly [Segment<PackedRow>, string, PackedRow]> {
    for (const segment of this.#segments.slice(1)) {
      for (const [key, row] of segment.entries()) yield [segment, key, row];
    }
  }

  /** An expired row is as good as none, and is removed where it is met. */
  #find(key: string): PackedRow | undefined {
    let row: PackedRow | undefined;
    for (const segment of this.#segments) {
      row = segment.get(key);
      if (row !== undefined) break;
    }
    if (row === undefined || !this.#isExpired(row)) return row;
    this.#remove(key);
    return undefined;
  }

  #remove(key: string): void {
    for (const segment of this.#segments) segment.delete(key);
  }

  #isExpired(row: PackedRow): boolean {
    return expiresAt(row) <= this.#nowSeconds();
  }

  #nowSeconds(): number {
    return Math.floor(this.#clock.wallMs() / 1000);
  }
}
