import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { complaintField, complaintIncrement, increment, readersField } from "@postern/filter-core";
import { openStateStore, type StoreSpec } from "@postern/state-store";
import type { Config } from "../config/config-types.ts";
import { loadConfig } from "../config/load.ts";
import { UsageError } from "../exit-code.ts";
import { deliver, HONEST } from "../testing/deliver.ts";
import { NoStoreError } from "./command-store.ts";
import { learn } from "./learn.ts";
import { reputation } from "./reputation.ts";

const folder = mkdtempSync(join(tmpdir(), "postern-reputation-"));
after(() => rmSync(folder, { recursive: true }));
const config: Config = {
  ...(await loadConfig({ cwd: folder, systemFile: null, hostname: "mx.example.org" })),
  state: { kind: "sqlite", path: join(folder, "state.db") },
};
const ID = "domain:example.com";
const say = async (action: string, words: readonly string[]): Promise<string> =>
  (await reputation(action, words, config)).text;

test("reputation: who is not known is neutral", async () =>
  assert.equal(
    await say("show", [ID]),
    `${ID} is unknown: score 50, as for every unknown sender\n`,
  ));

for (const score of [5, 42, 72, 95]) {
  test(`reputation: set ${score}, and it is shown, with what it is made of`, async () => {
    const said = await say("set", [ID, String(score)]);
    assert.match(said, new RegExp(`${ID} has score ${score}\\.0`));
    const shown = await say("show", [ID]);
    assert.match(shown, new RegExp(`score ${score}\\.0, between`));
    assert.match(shown, score < 50 ? /-.* markedSpam: / : /\+.* markedHam: /);
    assert.match(shown, /counts until \d{4}-\d\d-\d\d/);
  });
}

test("reputation: list and forget", async () => {
  await say("set", ["address:192.0.2.1", "10"]);
  await say("set", [ID, "90"]);
  const listed = await say("list", []);
  assert.match(
    listed,
    /^score .*\n *10\.0 .*address:192\.0\.2\.1\n *90\.0 .*domain:example\.com\n$/,
  );
  assert.equal(await say("forget", [ID]), `${ID} is forgotten\n`);
  assert.equal(await say("forget", [ID]), `${ID} is unknown\n`);
  assert.doesNotMatch(await say("list", ["domain:"]), /example\.com/);
});

for (const [name, words] of [
  ["no identity", ["show", "example.com"]],
  ["a score beyond 100", ["set", ID, "101"]],
  ["no score", ["set", ID]],
  ["another verb", ["praise", ID]],
] as const) {
  test(`reputation: ${name} is a mistake of usage`, async () => {
    const [action, ...rest] = words;
    await assert.rejects(reputation(action, rest, config), UsageError);
  });
}

for (const state of [{ kind: "none" }, { kind: "memory" }] as const) {
  test(`reputation: with state ${state.kind} there is nothing that a command could see`, async () =>
    assert.rejects(reputation("show", [ID], { ...config, state }), NoStoreError));
}

test("learn: a message that has not come through us is told apart", async () => {
  const input = Readable.from([Buffer.from("Subject: x\n\nhello")]);
  const report = await learn({ mark: "spam", user: null }, config, input);
  assert.equal(report.outcome, "refused");
});

test("learn: spam is held against who has proved to have sent it, also under a name that the store keeps as a digest", async () => {
  assert.equal(config.state.kind, "sqlite");
  await using store = await openStateStore(config.state as StoreSpec, {
    readDeadlineMs: 5_000,
    beginDeadlineMs: 30_000,
  });
  const label = "long".repeat(15);
  const long = `${label}.${label}.${label}.${label}.example`;
  const dns = {
    ...(HONEST["dns"] as Readonly<Record<string, unknown>>),
    [long]: { TXT: ["v=spf1 ip4:192.0.2.1 -all"], MX: ["10 mail.example.com"] },
  };
  const message = HONEST["message"] as string;
  const mail = { ...HONEST, from: `a@${long}`, dns, message: message.replace("example.com", long) };
  const header = await deliver(config, store, mail);
  const input = Readable.from([Buffer.from(`${header}\n\nbuy\n`)]);
  const report = await learn({ mark: "spam", user: null }, config, input);
  assert.match(
    report.text,
    /^\w{16} spam for spf:#[0-9a-f]{64} address:192\.0\.2\.1 network:192\.0\.2\.0\/24\n$/,
  );
  assert.match(await say("show", [`spf:${long}`]), /markedSpam: 1\.0 times/);
});

for (const [readers, distrust, says] of [
  [2, 1, /distrust s = 100 %: costs debt 6 \(reputation\.bad\), and the same part of all credit\n/],
  [1, 0, /distrust s = 0 %: costs nothing\n/],
] as const)
  test(`reputation show: what ${readers} readers complained of, and what it costs`, async () => {
    await using store = await openStateStore(config.state as StoreSpec, {
      readDeadlineMs: 5_000,
      beginDeadlineMs: 30_000,
    });
    const today = Math.floor(Date.now() / 86_400_000);
    const key = `domain:minded-by-${readers}.example`;
    const add = {
      [complaintField("inbox", 3)]: complaintIncrement(15, today, 3),
      [complaintField("spam", 3)]: complaintIncrement(2, today, 3),
      [readersField(30)]: increment(readers, today, 30),
    };
    store.write([{ key, add, day: today, ttlSeconds: 86_400 }]);
    await store.flush();
    const { text, json } = await reputation("show", [key], config);
    assert.match(text, /of n = 15 messages delivered to inboxes, users marked m = 2 as spam/);
    assert.match(text, new RegExp(`readers who marked: ${readers}; `));
    assert.match(text, says);
    const told = { inbox: 15, spam: 2, readers, halfLifeDays: 3, low: 0.042 };
    assert.deepEqual(json["complaints"], { ...told, distrust, debt: 6 * distrust });
  });

test("reputation --json: each action has a stable shape", async () => {
  const json = async (action: string, ...words: string[]): Promise<unknown> =>
    JSON.parse(JSON.stringify((await reputation(action, words, config)).json));
  const id = "domain:json.example";
  assert.deepEqual(await json("show", id), { id, isKnown: false, score: 50 });
  assert.deepEqual(await json("set", id, "90"), { id, score: 90 });
  const shown = (await json("show", id)) as Record<string, unknown>;
  assert.deepEqual(Object.keys(shown), [
    ...["id", "isKnown", "score", "low", "high", "evidence"],
    ...["firstSeen", "halfLifeDays", "countsUntil", "complaints", "pieces"],
  ]);
  assert.deepEqual([shown["isKnown"], shown["score"]], [true, 90]);
  assert.match(String(shown["firstSeen"]), /^\d{4}-\d\d-\d\d$/);
  const [piece] = shown["pieces"] as readonly Record<string, unknown>[];
  assert.deepEqual(Object.keys(piece ?? {}), ["kind", "speaks", "count", "weight"]);
  assert.deepEqual([piece?.["kind"], piece?.["speaks"]], ["markedHam", "for"]);
  const { identities, isCut } = (await json("list", "domain:json")) as {
    readonly identities: readonly Record<string, unknown>[];
    readonly isCut: boolean;
  };
  assert.equal(isCut, false);
  assert.deepEqual(Object.keys(identities[0] ?? {}), ["id", "score", "evidence"]);
  assert.deepEqual([identities.length, identities[0]?.["id"]], [1, id]);
  assert.deepEqual(await json("forget", id), { id, wasKnown: true });
  assert.deepEqual(await json("forget", id), { id, wasKnown: false });
});
