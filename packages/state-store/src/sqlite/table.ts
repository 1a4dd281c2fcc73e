import type { DatabaseSync, StatementSync } from "node:sqlite";
import { applyChange } from "../apply-change.ts";
import type { Applied, RowsListed, RowsRead } from "../backend.ts";
import { toFields } from "../fields.ts";
import { type Capacity, MAX_ROW_BYTES } from "../limits.ts";
import type { Change, Fields, ListedRow } from "../port.ts";
import { decodeRow, encodeRow } from "../row-text.ts";
import { WORTHS, worthOf } from "../worth.ts";
import { reviewed } from "./review.ts";
import { turnOf, writtenAt } from "./turn.ts";

const PROBATION = 0;
const PROVEN = 1;
/** Rows removed at most after a batch, so that no batch takes long. A batch adds fewer. */
const PRUNED_AT_ONCE = 1_000;
/** Rows looked at in one step of the walk over the expired ones. */
const WALKED_AT_ONCE = 500;

/** A row that somebody has blown up is not pulled into memory. */
const READABLE = `iif(octet_length(fields) <= ${MAX_ROW_BYTES}, fields, '') AS fields`;
/** Row of the table `probe`; 1 is what {@link Table.probe} writes. */
const KNOWS_ALL = 2;

/** The statements on an open file. All times are seconds since 1970. */
export class Table {
  readonly #database: DatabaseSync;
  readonly #capacity: Capacity;
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #count: StatementSync;
  readonly #addToCount: StatementSync;
  readonly #prune: StatementSync;
  /** The walk over all rows has come so far. */
  #walkedTo = "";
  #knowsAllSince: number | undefined;

  constructor(database: DatabaseSync, capacity: Capacity) {
    this.#database = database;
    this.#capacity = capacity;
    this.#find = database.prepare(
      `SELECT ${READABLE}, first_day, rank, written, expires FROM entry WHERE key = ?`,
    );
    this.#put = database.prepare("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?)");
    this.#remove = database.prepare("DELETE FROM entry WHERE key = ? RETURNING rank, expires");
    this.#count = database.prepare("SELECT entries FROM tally WHERE rank = ?");
    this.#addToCount = database.prepare("UPDATE tally SET entries = entries + ? WHERE rank = ?");
    this.#prune = database.prepare(
      "DELETE FROM entry WHERE key IN (SELECT key FROM entry WHERE rank = ? ORDER BY written LIMIT ?)",
    );
  }

  read(keys: readonly string[], now: number): RowsRead {
    const rows = new Map<string, Fields>();
    let unreadable = 0;
    for (const key of keys) {
      const row = this.#find.get(key);
      if (row === undefined || Number(row["expires"]) <= now) continue;
      const fields = decodeRow(String(row["fields"]));
      if (fields === undefined) unreadable += 1;
      else rows.set(key, toFields(fields));
    }
    return { rows, unreadable: badRows(unreadable) };
  }

  apply(changes: readonly Change[], now: number): Applied {
    return this.#inTransaction(() => {
      let written = 0;
      let unreadable = 0;
      const counts = [0, 0];
      for (const change of changes) {
        const outcome = this.#apply(change, now, counts);
        if (outcome === "applied") written += 1;
        if (outcome === "unreadable") unreadable += 1;
      }
      this.#settle(counts);
      return { written, refused: changes.length - written, unreadable: badRows(unreadable) };
    });
  }

  list(prefix: string, limit: number, now: number): RowsListed {
    // Keys are printable ASCII, so DEL is above all of them.
    const found = this.#database
      .prepare(
        "SELECT key FROM entry WHERE key >= ? AND key < ? AND expires > ? ORDER BY key LIMIT ?",
      )
      .all(prefix, `${prefix}\x7f`, now, limit + 1);
    const keys = found.slice(0, limit).map((row) => String(row["key"]));
    const rows: ListedRow[] = [];
    for (const [key, fields] of this.read(keys, now).rows) rows.push({ key, fields });
    return { rows, isCut: found.length > limit };
  }

  forget(key: string, now: number): "forgotten" | "absent" {
    return this.#inTransaction(() => {
      const row = this.#remove.get(key);
      if (row === undefined) return "absent";
      this.#addToCount.run(-1, Number(row["rank"]));
      return Number(row["expires"]) > now ? "forgotten" : "absent";
    });
  }

  /** When a row was last written; null: there is none. */
  lastWritten(): number | null {
    const newest = this.#database.prepare(
      "SELECT max(written) AS turn FROM entry WHERE rank = ? AND written < ?",
    );
    const times = [PROBATION, PROVEN].flatMap((rank) =>
      Array.from(
        { length: WORTHS },
        (_, worth) => newest.get(rank, turnOf(worth + 1, 0))?.["turn"],
      ),
    );
    const known = times.flatMap((turn) => (typeof turn === "number" ? writtenAt(turn) : []));
    return known.length === 0 ? null : Math.max(...known);
  }

  /** Writes something, to know whether that is possible. */
  probe(now: number): void {
    this.#inTransaction(() =>
      this.#database.prepare("INSERT OR REPLACE INTO probe VALUES (1, ?)").run(now),
    );
  }

  /**
   * One step of the walk that removes expired rows, as an index over them would make every write dearer, and puts those in
   * their place that a Postern from before worth.ts has written.
   */
  walkOn(now: number): void {
    this.#knowsAllSince ??= this.#markTheFile(now);
    const rows = this.#database
      .prepare(
        `SELECT key, ${READABLE}, first_day, rank, written, expires FROM entry WHERE key > ? ORDER BY key LIMIT ?`,
      )
      .all(this.#walkedTo, WALKED_AT_ONCE);
    this.#walkedTo = rows.length < WALKED_AT_ONCE ? "" : String(rows.at(-1)?.["key"]);
    const toDo = rows.filter(
      (row) => Number(row["expires"]) <= now || this.#reviewed(row) !== null,
    );
    if (toDo.length === 0) return;
    this.#inTransaction(() => {
      for (const { key } of toDo) this.#removeOrReview(String(key), now);
    });
  }

  #removeOrReview(key: string, now: number): void {
    // Others may have written it meanwhile.
    const row = this.#find.get(key);
    if (row === undefined) return;
    const rank = Number(row["rank"]);
    const expires = Number(row["expires"]);
    if (expires <= now) {
      this.#remove.run(key);
      this.#addToCount.run(-1, rank);
      return;
    }
    const better = this.#reviewed(row);
    if (better === null || better.text.length > MAX_ROW_BYTES) return;
    this.#put.run(key, better.text, Number(row["first_day"]), rank, better.turn, expires);
  }

  #reviewed(row: Readonly<Record<string, unknown>>): ReturnType<typeof reviewed> {
    return row["rank"] === PROVEN ? reviewed(row, this.#knowsAllSince ?? 0) : null;
  }

  /** Since when all that write the file know of worth.ts: the first that does writes it there. */
  #markTheFile(now: number): number {
    const mark = this.#database.prepare("SELECT at FROM probe WHERE id = ?");
    const known = mark.get(KNOWS_ALL)?.["at"];
    if (known !== undefined) return Number(known);
    this.#database.prepare("INSERT OR IGNORE INTO probe VALUES (?, ?)").run(KNOWS_ALL, now);
    return Number(mark.get(KNOWS_ALL)?.["at"] ?? now);
  }

  #apply(change: Change, now: number, counts: number[]): "applied" | "refused" | "unreadable" {
    const found = this.#find.get(change.key);
    const known = found !== undefined && Number(found["expires"]) > now ? found : undefined;
    const fields = known === undefined ? new Map() : decodeRow(String(known["fields"]));
    if (fields === undefined) return "unreadable";
    if (applyChange(fields, change) === "refused") return "refused";
    const text = encodeRow(fields);
    if (text.length > MAX_ROW_BYTES) return "refused";
    const firstDay = Number(known?.["first_day"] ?? change.day);
    const isProven =
      known?.["rank"] === PROVEN || change.rank === "proven" || firstDay !== change.day;
    const rank = isProven ? PROVEN : PROBATION;
    const expires = Math.max(now + change.ttlSeconds, Number(known?.["expires"] ?? 0));
    this.#put.run(change.key, text, firstDay, rank, turnOf(worthOf(fields), now), expires);
    if (found !== undefined) addTo(counts, Number(found["rank"]), -1);
    addTo(counts, rank, 1);
    return "applied";
  }

  /** Writes the counts and removes the rows whose turn it is, where a rank has too many. */
  #settle(counts: readonly number[]): void {
    for (const rank of [PROBATION, PROVEN]) {
      const limit = rank === PROVEN ? this.#capacity.proven : this.#capacity.probation;
      const change = counts[rank] ?? 0;
      const entries = Number(this.#count.get(rank)?.["entries"] ?? 0) + change;
      const pruned =
        entries > limit
          ? Number(this.#prune.run(rank, Math.min(entries - limit, PRUNED_AT_ONCE)).changes)
          : 0;
      if (change !== pruned) this.#addToCount.run(change - pruned, rank);
    }
  }

  #inTransaction<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk has rolled it back already.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

function addTo(counts: number[], rank: number, change: number): void {
  counts[rank] = (counts[rank] ?? 0) + change;
}

function badRows(count: number): RowsRead["unreadable"] {
  return count === 0 ? null : { count, reason: "a row of the file is not valid" };
}
