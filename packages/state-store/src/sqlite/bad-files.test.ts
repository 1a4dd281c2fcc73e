import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openStateStore } from "../open-store.ts";
import type { StateStore, StoreEvent } from "../port.ts";
import { quickProbes, testClock } from "../testing/test-clock.ts";

interface Case {
  readonly name: string;
  prepare(path: string): Promise<void> | void;
  readonly reason: RegExp;
}

const cases: readonly Case[] = [
  {
    name: "text instead of a database",
    prepare: (path) => writeFile(path, "these are no rows\n".repeat(1_000)),
    reason: /^Cannot use \S+: it is not an SQLite file; move it away/,
  },
  {
    name: "the database of another program",
    prepare: (path) => {
      const database = new DatabaseSync(path);
      database.exec("CREATE TABLE bookmark (url TEXT)");
      database.close();
    },
    reason: /it is the file of another program/,
  },
  {
    name: "a later version of ours",
    prepare: (path) => {
      const database = new DatabaseSync(path);
      database.exec(`PRAGMA application_id = ${0x506f7374}; PRAGMA user_version = 99`);
      database.close();
    },
    reason: /it is of version 99, this Postern knows 1/,
  },
  {
    name: "a header, and rubbish behind it",
    prepare: async (path) => {
      const database = new DatabaseSync(path);
      database.exec("CREATE TABLE a (b); PRAGMA user_version = 1");
      database.close();
      const bytes = await readFile(path);
      await writeFile(path, Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(8_092, 0xa5)]));
    },
    reason: /it is damaged; move it and its -wal and -shm away/,
  },
  { name: "a folder", prepare: (path) => void mkdir(path), reason: /^Cannot (?:open|use)/ },
];

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "postern-state-"));
  try {
    await run(join(folder, "state.db"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function watch(
  path: string,
  run: (
    store: StateStore,
    events: readonly StoreEvent[],
    next: () => Promise<StoreEvent>,
  ) => Promise<void>,
): Promise<void> {
  const events: StoreEvent[] = [];
  const waiting: ((event: StoreEvent) => void)[] = [];
  const onEvent = (event: StoreEvent) => {
    events.push(event);
    waiting.shift()?.(event);
  };
  await using store = await openStateStore(
    { kind: "sqlite", path },
    { onEvent, readDeadlineMs: 6_000, beginDeadlineMs: 30_000, clock: testClock(quickProbes) },
  );
  await run(store, events, () => new Promise((resolve) => void waiting.push(resolve)));
}

const one = { key: "k", add: { n: 1 }, day: 20_781, ttlSeconds: 86_400 };

for (const { name, prepare, reason } of cases) {
  test(
    `sqlite, ${name}: down, told once, left alone; up when it is moved away`,
    { timeout: 30_000 },
    () =>
      inFolder(async (path) => {
        await prepare(path);
        const before = await readFile(path).catch(() => "a folder");
        await watch(path, async (store, events, next) => {
          const found = await store.read(["k"]);
          assert.ok(found.kind === "unavailable");
          assert.match(found.reason, reason);
          store.write([one]);
          await store.flush();
          assert.equal(store.counters().queued, 1);
          assert.deepEqual(
            events.map(({ kind }) => kind),
            ["down"],
          );
          assert.deepEqual(await readFile(path).catch(() => "a folder"), before);
          const up = next();
          await rename(path, `${path}.away`);
          assert.equal((await up).kind, "up");
          await store.flush();
          const again = await store.read(["k"]);
          assert.ok(again.kind === "found");
          assert.deepEqual({ ...again.rows.get("k") }, { n: 1 });
        });
      }),
  );
}

test("sqlite, a folder that is not there", () =>
  inFolder(async (path) => {
    await watch(`${path}/not/there.db`, async (store) => {
      const found = await store.read(["k"]);
      assert.ok(found.kind === "unavailable");
      assert.match(found.reason, /^Cannot open/);
    });
  }));

test("sqlite, a database that another process holds: writes wait, and nothing is lost", () =>
  inFolder(async (path) => {
    await watch(path, async (store) => {
      const other = new DatabaseSync(path);
      other.exec("BEGIN IMMEDIATE");
      store.write([one]);
      await store.flush();
      assert.equal(store.counters().written, 0);
      assert.equal((await store.read(["k"])).kind, "found");
      other.exec("COMMIT");
      other.close();
      await store.flush();
      const found = await store.read(["k"]);
      assert.ok(found.kind === "found");
      assert.deepEqual({ ...found.rows.get("k") }, { n: 1 });
    });
  }));

test("sqlite, a row that somebody has blown up is left out, and not changed", () =>
  inFolder(async (path) => {
    await watch(path, async (store, events) => {
      store.write([one, { ...one, key: "other" }]);
      await store.flush();
      const other = new DatabaseSync(path);
      const rubbish = "x".repeat(8 * 1_048_576);
      other.prepare("UPDATE entry SET fields = ? WHERE key = 'k'").run(rubbish);
      const found = await store.read(["k", "other"]);
      assert.ok(found.kind === "found", JSON.stringify(found));
      assert.deepEqual([...found.rows.keys()], ["other"]);
      store.write([one]);
      await store.flush();
      const row = other.prepare("SELECT length(fields) AS size FROM entry WHERE key = 'k'").get();
      assert.equal(row?.["size"], rubbish.length);
      other.close();
      assert.deepEqual([store.counters().refused, store.counters().unreadable], [1, 2]);
      assert.deepEqual(
        events.map(({ kind }) => kind),
        ["bad-row"],
      );
    });
  }));
