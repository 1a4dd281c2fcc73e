import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { Change } from "../port.ts";
import { Table } from "./table.ts";

/** What a Postern from before worth.ts makes, and how it writes a row. */
const OLD_SCHEMA = `
  CREATE TABLE entry (
    key TEXT PRIMARY KEY, fields TEXT NOT NULL, first_day INTEGER NOT NULL, rank INTEGER NOT NULL,
    written INTEGER NOT NULL, expires INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX entry_age ON entry (rank, written);
  CREATE TABLE tally (rank INTEGER PRIMARY KEY, entries INTEGER NOT NULL);
  INSERT INTO tally VALUES (0, 0), (1, 0);
  CREATE TABLE probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL);
`;
const TODAY = 20_781;
const TTL = 300 * 86_400;
const at = (day: number): number => day * 86_400 + 3_600;

interface OldRow {
  readonly key: string;
  readonly fields?: string;
  readonly first: number;
  readonly last: number;
  readonly rank: 0 | 1;
}

function oldFile(rows: readonly OldRow[]): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  database.exec(OLD_SCHEMA);
  for (const row of rows) writeAsOld(database, row);
  for (const rank of [0, 1]) {
    database
      .prepare(
        "UPDATE tally SET entries = (SELECT count(*) FROM entry WHERE rank = ?) WHERE rank = ?",
      )
      .run(rank, rank);
  }
  return database;
}

function writeAsOld(database: DatabaseSync, row: OldRow): void {
  const { key, fields = "clean.30=3;first=20000", first, last, rank } = row;
  database
    .prepare("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?)")
    .run(key, fields, first, rank, at(last), at(last) + TTL);
}

const open = (database: DatabaseSync, proven = 8): Table =>
  new Table(database, { probation: 2, proven });

const goodMail = (key: string, day: number): Change => ({
  key,
  ...{ add: { "clean.30": 1, days: 1 }, day, ttlSeconds: TTL },
});

/** One mail on each of two days. */
function comeTwice(table: Table, key: string, day: number): void {
  for (const on of [day, day + 1]) table.apply([goodMail(key, on)], at(on));
}

function keysIn(table: Table, day: number): readonly string[] {
  return table.list("", 1_000, at(day)).rows.map(({ key }) => key);
}

const tallyIsRight = (database: DatabaseSync): void =>
  assert.deepEqual(
    database.prepare("SELECT entries FROM tally WHERE rank = 1").get(),
    database.prepare("SELECT count(*) AS entries FROM entry WHERE rank = 1").get(),
  );

const OLD_ROWS: readonly OldRow[] = [
  { key: "came-for-a-year", first: TODAY - 400, last: TODAY - 40, rank: 1 },
  { key: "came-for-three-weeks", first: TODAY - 61, last: TODAY - 40, rank: 1 },
  { key: "vouched-for", first: TODAY - 90, last: TODAY - 90, rank: 1 },
  { key: "came-twice", first: TODAY - 41, last: TODAY - 40, rank: 1 },
  { key: "came-once", first: TODAY, last: TODAY, rank: 0 },
  { key: "none-of-ours", fields: "rubbish", first: TODAY - 90, last: TODAY - 40, rank: 1 },
];

test("a file of an older Postern: nothing of it is lost, and who has earned much goes last", () => {
  const database = oldFile(OLD_ROWS);
  const table = open(database);
  const before = keysIn(table, TODAY);
  table.walkOn(at(TODAY));
  assert.deepEqual(keysIn(table, TODAY), before);
  const guessed = ["came-for-a-year", "came-for-three-weeks", "vouched-for", "came-twice"];
  const { rows } = table.read(guessed, at(TODAY));
  assert.deepEqual(
    guessed.map((key) => ({ ...rows.get(key) })),
    [8, 4, 8, 1].map((days) => ({ "clean.30": 3, first: 20_000, days })),
  );
  for (let index = 0; index < 30; index += 1) comeTwice(table, `flood-${index}`, TODAY);
  const left = keysIn(table, TODAY);
  assert.deepEqual(
    guessed.filter((key) => left.includes(key)),
    guessed.slice(0, 3),
  );
  tallyIsRight(database);
  assert.equal(table.lastWritten(), at(TODAY + 1));
});

test("a new file has no row to guess of", () => {
  const database = oldFile([]);
  database.exec("INSERT INTO probe VALUES (2, 0)");
  const table = open(database);
  writeAsOld(database, { key: "a", first: TODAY - 100, last: TODAY, rank: 1 });
  table.walkOn(at(TODAY));
  assert.equal(table.read(["a"], at(TODAY)).rows.get("a")?.["days"], undefined);
});

test("an older daemon beside a newer one: no row is lost, and the walk puts back what it wrote", () => {
  const database = oldFile([]);
  const table = open(database);
  table.walkOn(at(TODAY));
  for (let day = TODAY; day < TODAY + 6; day += 1) {
    table.apply([goodMail("earned", day)], at(day));
  }
  const turn = () =>
    database.prepare("SELECT written, rank, fields FROM entry WHERE key = 'earned'").get();
  const earned = turn();
  // It takes the fields over as they are, and knows of nothing but the time.
  writeAsOld(database, {
    ...{ key: "earned", first: TODAY, last: TODAY + 5, rank: 1 },
    fields: String(earned?.["fields"]),
  });
  assert.notDeepEqual(turn(), earned);
  tallyIsRight(database);
  table.walkOn(at(TODAY + 6));
  assert.deepEqual(turn(), earned);
  for (let index = 0; index < 30; index += 1) comeTwice(table, `flood-${index}`, TODAY + 6);
  assert.ok(keysIn(table, TODAY + 6).includes("earned"));
  tallyIsRight(database);
});

test("the walk removes what is expired, and comes round", () => {
  const database = oldFile(OLD_ROWS);
  const table = open(database);
  table.walkOn(at(TODAY + 400));
  assert.deepEqual(database.prepare("SELECT count(*) AS left FROM entry").get()?.["left"], 0);
  tallyIsRight(database);
});
