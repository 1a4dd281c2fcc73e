import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  complaintField,
  complaintIncrement,
  complaintsOn,
  estimateOn,
  fieldOf,
  increment,
  type ReputationPolicy,
  worthOn,
} from "@postern/filter-core";
import { openStateStore, type StateStore } from "@postern/state-store";
import { loadConfig } from "../config/load.ts";
import type { Mark } from "./mark-memory.ts";
import { type Marked, type MarkedMail, markMail, rowsOf } from "./marks.ts";

const folder = mkdtempSync(join(tmpdir(), "postern-marks-"));
after(() => rmSync(folder, { recursive: true }));
const { policy } = await loadConfig({ cwd: "/", systemFile: null, hostname: "mx.example.org" });
const reputation: ReputationPolicy = policy.reputation ?? assert.fail();
const sender = "domain:example.com";
const today = 20_781;
const DAY_MS = 86_400_000;

async function tell(
  store: StateStore,
  mail: MarkedMail,
  mark: Mark,
  nowMs: number = today * DAY_MS,
): Promise<Marked> {
  const found = await store.read(rowsOf(mail), 5_000);
  if (found.kind === "unavailable") return found;
  return await markMail(store, found.rows, mail, mark, reputation, nowMs);
}

type Said = readonly [id: string, mark: Mark, day?: number, user?: string | null];

async function say(store: StateStore, ...all: readonly Said[]): Promise<Marked[]> {
  const marked: Marked[] = [];
  for (const [id, mark, day = today, user = null] of all)
    marked.push(await tell(store, { id, keys: [sender], user, isJunk: false }, mark, day * DAY_MS));
  return marked;
}

async function rowOf(store: StateStore, key = sender): Promise<Readonly<Record<string, number>>> {
  const found = await store.read([key], 5_000);
  assert.equal(found.kind, "found");
  return (found.kind === "found" && found.rows.get(key)) || {};
}

async function worthOf(store: StateStore, key = sender): Promise<Record<Mark, number>> {
  const worth = worthOn(today, await rowOf(store, key));
  const rounded = (amount = 0): number => Math.round(amount * 1e6) / 1e6;
  return { spam: rounded(worth.get("markedSpam")), ham: rounded(worth.get("markedHam")) };
}

async function heard(...all: readonly Said[]) {
  await using store = await openStateStore({ kind: "memory" });
  const kinds = (await say(store, ...all)).map(({ kind }) => kind);
  return { kinds, worth: await worthOf(store), row: await rowOf(store) };
}

test("markMail: a message counts once, however often it is said", async () => {
  const { kinds, worth } = await heard(["a", "spam"], ["a", "spam"]);
  assert.deepEqual(kinds, ["marked", "already"]);
  assert.deepEqual(worth, { spam: 1, ham: 0 });
});

test("markMail: once for each user, whatever the case of his name", async () => {
  const { kinds, worth } = await heard(
    ...[
      ["a", "spam", today, "ann@example.org"],
      ["a", "spam", today, "Ann@Example.ORG"],
      ["a", "spam", today, "bob@example.org"],
      ["a", "spam", today, "bob@example.org"],
    ].map((said) => said as unknown as Said),
  );
  assert.deepEqual(kinds, ["marked", "already", "marked", "already"]);
  assert.deepEqual(worth, { spam: 2, ham: 0 });
});

test("markMail: the opposite takes the first word back, days later too", async () => {
  const { worth } = await heard(["a", "spam", today - 10], ["a", "ham"]);
  assert.deepEqual(worth, { spam: 0, ham: 1 });
});

test("markMail: two messages count twice", async () => {
  const { worth, row } = await heard(["a", "spam"], ["b", "spam"]);
  assert.deepEqual(worth, { spam: 2, ham: 0 });
  assert.ok(estimateOn(today, row, reputation.weights).score < 50);
});

for (const [mark, field] of [
  ["spam", "markedSpam"],
  ["ham", "markedHam"],
] as const)
  test(`markMail: marks as ${mark} count up to the cap of a day, and tomorrow again`, async () => {
    await using store = await openStateStore({ kind: "memory" });
    const cap = reputation.dailyCaps[field];
    const many = (day: number): Said[] =>
      Array.from({ length: cap + 30 }, (_, at) => [`${day}-${at}`, mark, day] as const);
    const first = (await say(store, ...many(today - 1))).map(({ kind }) => kind);
    assert.deepEqual(first, [...Array(cap).fill("marked"), ...Array(30).fill("over")]);
    const [over] = await say(store, ["one-more", mark, today - 1]);
    assert.deepEqual(over, { kind: "over", cap });
    await say(store, ...many(today));
    const yesterday = cap * 2 ** (-1 / reputation.halfLifeDays);
    assert.ok(Math.abs((await worthOf(store))[mark] - cap - yesterday) < 1e-3);
  });

test("markMail: whoever is over his cap is left out, and is not given back what did not count", async () => {
  await using store = await openStateStore({ kind: "memory" });
  const cap = reputation.dailyCaps.markedHam;
  await say(store, ...Array.from({ length: cap }, (_, at) => [`${at}`, "ham"] as const));
  const mail = { id: "both", keys: [sender, "dkim:example.com"], user: null, isJunk: false };
  const mark = (word: Mark): Promise<Marked> => tell(store, mail, word);
  const [counted, over] = [["dkim:example.com"], [sender]];
  assert.deepEqual(await mark("ham"), { kind: "marked", counted, over, isCorrection: false });
  assert.equal((await mark("spam")).kind, "marked");
  assert.deepEqual(await worthOf(store), { spam: 1, ham: cap });
  assert.deepEqual(await worthOf(store, "dkim:example.com"), { spam: 1, ham: 0 });
});

test("markMail: marks that are taken back leave room for those of others", async () => {
  await using store = await openStateStore({ kind: "memory" });
  const cap = reputation.dailyCaps.markedSpam;
  for (let at = 0; at < cap; at += 1) await say(store, [`own-${at}`, "spam"], [`own-${at}`, "ham"]);
  const [honest] = await say(store, ["of-somebody-else", "spam"]);
  assert.equal(honest?.kind, "marked");
  assert.equal((await worthOf(store)).spam, 1);
});

test("markMail: who changes his mind again and again is heard no more, and what he said last stands", async () => {
  const words = Array.from(
    { length: 40 },
    (_, at) => ["a", at % 2 === 0 ? "spam" : "ham"] as const,
  );
  const { kinds, worth } = await heard(...words);
  assert.equal(kinds.filter((kind) => kind === "marked").length, 16);
  assert.deepEqual(worth, { spam: 0, ham: 1 });
});

test("markMail: two processes that say it at once learn it once", async () => {
  const spec = { kind: "sqlite", path: join(folder, "state.db") } as const;
  await using one = await openStateStore(spec, { readDeadlineMs: 5_000, beginDeadlineMs: 30_000 });
  await using other = await openStateStore(spec, {
    readDeadlineMs: 5_000,
    beginDeadlineMs: 30_000,
  });
  const kinds: string[] = [];
  for (let id = 0; id < 20; id += 1) {
    const said = await Promise.all(
      [one, other].map((store) => say(store, [`${id}`, "spam"] as const)),
    );
    kinds.push(...said.flat().map(({ kind }) => kind));
  }
  assert.equal(kinds.filter((kind) => kind === "marked").length, 20);
  assert.deepEqual(await worthOf(one), { spam: 20, ham: 0 });
});

test("markMail: of two that read the same and write one after the other, the second takes back what it did", async () => {
  await using store = await openStateStore({ kind: "memory" });
  const mail = { id: "a", keys: [sender, "dkim:example.com"], user: null, isJunk: false };
  await tell(store, { ...mail, id: "b" }, "spam");
  const found = await store.read(rowsOf(mail), 5_000);
  assert.ok(found.kind === "found");
  const mark = (word: Mark): Promise<Marked> =>
    markMail(store, found.rows, mail, word, reputation, today * DAY_MS);
  assert.equal((await mark("spam")).kind, "marked");
  assert.equal((await mark("spam")).kind, "already");
  assert.equal((await mark("ham")).kind, "unavailable");
  for (const key of mail.keys) assert.deepEqual(await worthOf(store, key), { spam: 2, ham: 0 });
  assert.equal((await tell(store, mail, "ham")).kind, "marked");
  for (const key of mail.keys) assert.deepEqual(await worthOf(store, key), { spam: 1, ham: 1 });
});

test("markMail: a mark is remembered through a flood of senders that come back on a second day", async () => {
  await using store = await openStateStore({ kind: "memory" }, { maxKeys: 100 });
  await say(store, ["a", "spam"]);
  for (let at = 0; at < 500; at += 1)
    for (const day of [today, today + 1])
      store.write([{ key: `address:${at}`, add: { days: 1 }, day, ttlSeconds: 86_400 }]);
  await store.flush();
  assert.deepEqual(await say(store, ["a", "spam"]), [{ kind: "already" }]);
});

async function complaintsOf(store: StateStore, on = today): Promise<readonly number[]> {
  const { inbox, spam } = complaintsOn(on, await rowOf(store)) ?? { inbox: 0, spam: 0 };
  return [inbox, spam].map((count) => Math.round(count * 100) / 100);
}

const mail = (id: string, user: string | null, isJunk = false): MarkedMail => ({
  id,
  keys: [sender],
  user,
  isJunk,
});

test("markMail: of one reader two marks at a time count as complaints, and what fades makes room", async () => {
  await using store = await openStateStore({ kind: "memory" });
  for (const id of ["a", "b", "c", "d"]) await tell(store, mail(id, "ann"), "spam");
  assert.deepEqual(await complaintsOf(store), [0, 2]);
  await tell(store, mail("a", "bob"), "spam");
  assert.deepEqual(await complaintsOf(store), [0, 3]);
  assert.deepEqual(await worthOf(store), { spam: 5, ham: 0 });
  await tell(store, mail("e", "ANN"), "spam", (today + 3) * DAY_MS);
  assert.deepEqual(await complaintsOf(store, today + 3), [0, 2.5]);
});

test("markMail: all whom nobody names are one reader", async () => {
  await using store = await openStateStore({ kind: "memory" });
  for (const id of ["a", "b", "c"]) await tell(store, mail(id, null), "spam");
  assert.deepEqual(await complaintsOf(store), [0, 2]);
});

const markedBy = async (
  store: StateStore,
  ...users: readonly (string | null)[]
): Promise<number> => {
  for (const [at, user] of users.entries()) await tell(store, mail(`${user}-${at}`, user), "spam");
  return await readersOf(store);
};

async function readersOf(store: StateStore, on = today): Promise<number> {
  return Math.round(1e3 * (complaintsOn(on, await rowOf(store))?.readers ?? 0)) / 1e3;
}

for (const [what, users, readers] of [
  ["one reader's marks", ["ann", "ANN", "ann"], 1],
  ["two readers' marks", ["ann", "bob", "bob"], 2],
  ["marks of whom nobody names", [null, null, null], 2],
] as const)
  test(`markMail: ${what} are those of ${readers}`, async () => {
    await using store = await openStateStore({ kind: "memory" });
    assert.equal(await markedBy(store, ...users), readers);
  });

test("markMail: a reader is one until he has taken every mark back", async () => {
  await using store = await openStateStore({ kind: "memory" });
  await tell(store, mail("a", "ann"), "spam", (today - 9) * DAY_MS);
  for (const id of ["b", "c"]) await tell(store, mail(id, "ann"), "spam");
  assert.equal(await readersOf(store), Math.round(1e3 * 2 ** (-9 / 30)) / 1e3);
  await tell(store, mail("a", "ann"), "ham");
  assert.ok((await readersOf(store)) > 0);
  for (const id of ["b", "c"]) await tell(store, mail(id, "ann"), "ham");
  assert.equal(await readersOf(store), 0);
  await tell(store, mail("d", "ann"), "spam");
  assert.equal(await readersOf(store), 1);
});

test("markMail: a sender who was marked before readers were counted stays marked, and goes on from there", async () => {
  await using store = await openStateStore({ kind: "memory" });
  const add = {
    [fieldOf("markedSpam", 30)]: increment(3, today, 30),
    [complaintField("spam", 3)]: complaintIncrement(3, today, 3),
  };
  store.write([{ key: sender, add, day: today, ttlSeconds: 86_400 }]);
  await store.flush();
  assert.equal(await readersOf(store), 3);
  assert.equal(await markedBy(store, "ann", "ann"), 4);
});

test("markMail: out of junk counts twenty delivered, twice a reader; ham that was in the inbox nothing", async () => {
  await using store = await openStateStore({ kind: "memory" });
  await tell(store, mail("a", "ann"), "ham");
  assert.deepEqual(await complaintsOf(store), [0, 0]);
  for (const id of ["b", "c", "d"]) await tell(store, mail(id, "ann", true), "ham");
  assert.deepEqual(await complaintsOf(store), [40, 0]);
});

test("markMail: who changes his mind takes his complaint back, or his rescue", async () => {
  await using store = await openStateStore({ kind: "memory" });
  await tell(store, mail("a", "ann"), "spam");
  await tell(store, mail("a", "ann"), "ham", (today + 2) * DAY_MS);
  assert.deepEqual(await complaintsOf(store), [0, 0]);
  await tell(store, mail("b", "ann", true), "ham");
  assert.deepEqual(await complaintsOf(store), [20, 0]);
  await tell(store, mail("b", "ann", true), "spam");
  assert.deepEqual(await complaintsOf(store), [0, 1]);
  for (const id of ["c", "d"]) await tell(store, mail(id, "ann"), "spam");
  assert.deepEqual(await complaintsOf(store), [0, 2]);
});
