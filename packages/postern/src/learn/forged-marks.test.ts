import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { openStateStore, type StateStore } from "@postern/state-store";
import { learn } from "../commands/learn.ts";
import { reputation } from "../commands/reputation.ts";
import type { Config } from "../config/config-types.ts";
import { loadConfig } from "../config/load.ts";
import { deliver, HONEST, HONEST_KEYS } from "../testing/deliver.ts";
import { type Lesson, learnHeader } from "./learn-header.ts";

const folder = mkdtempSync(join(tmpdir(), "postern-forged-"));
after(() => rmSync(folder, { recursive: true }));
const DAY_MS = 86_400_000;
const config: Config = await loadConfig({
  cwd: folder,
  systemFile: null,
  hostname: "mx.example.org",
});

/** What anybody can put into a mailbox of his own. */
const invented = (id: number): string =>
  [
    "Authentication-Results: mx.example.org;",
    " dkim=pass header.d=bank.example;",
    " dmarc=pass header.from=bank.example",
    `X-Postern: id=${id.toString(16).padStart(16, "0")} action=accept debt=0 credit=0 rules=-`,
  ].join("\n");

function spam(
  store: StateStore,
  header: string,
  user: string | null = null,
  nowMs: number = Date.now(),
): Promise<Lesson> {
  return learnHeader({ mark: "spam", user, header }, async () => store, config, nowMs);
}

/** Of those who could be learned about. */
async function known(store: StateStore): Promise<readonly string[]> {
  const keys = [...HONEST_KEYS, "domain:bank.example", "dkim:bank.example", "dkim:example.com"];
  const found = await store.read(keys, 5_000);
  if (found.kind !== "found") throw new Error(found.reason);
  return keys.filter((key) => found.rows.has(key));
}

test("learn: an invented X-Postern with our own Authentication-Results teaches nothing", async () => {
  await using store = await openStateStore({ kind: "memory" });
  await deliver(config, store);
  for (let id = 0; id < 150; id += 1) {
    const { outcome, text } = await spam(store, invented(id));
    assert.equal(outcome, "refused");
    assert.match(text, /^Cannot learn from this message: its X-Postern has no proof: it is forged/);
  }
  assert.deepEqual(await known(store), []);
});

for (const lineEnd of ["\n", "\r\n"])
  test(`learn: what was delivered is learned for those who proved to have sent it, ${JSON.stringify(lineEnd)}`, async () => {
    await using store = await openStateStore({ kind: "memory" });
    const header = `Return-Path: <a@example.com>\n${await deliver(config, store)}`;
    const { outcome, text } = await spam(store, header.replaceAll("\n", lineEnd));
    assert.equal(outcome, "learned");
    assert.match(text, new RegExp(`^[0-9a-f]{16} spam for ${HONEST_KEYS.join(" ")}$`));
    assert.deepEqual(await known(store), HONEST_KEYS);
  });

/** Each a change of a real header that a mailbox's owner can make. */
const forgeries: readonly (readonly [string, (header: string) => string, RegExp])[] = [
  [
    "another domain",
    (header) => header.replace(" domain=example.com", " domain=bank.example"),
    /the proof in its X-Postern does not fit/,
  ],
  [
    "one more signer",
    (header) => header.replace(" domain=", " dkim=bank.example domain="),
    /does not fit/,
  ],
  ["without the network", (header) => header.replace(/ network=\S+/, ""), /does not fit/],
  [
    "a sender as a signer",
    (header) => header.replace(" spf=example.com", " dkim=example.com"),
    /does not fit/,
  ],
  [
    "another decision, to be learned twice",
    (header) => header.replace(/id=[0-9a-f]{4}/, "id=0000"),
    /does not fit/,
  ],
  [
    "another day, to be learned for longer",
    (header) => header.replace(/ day=\d{4}/, " day=2031"),
    /does not fit/,
  ],
  ["no proof", (header) => header.replace(/proof=.*/, ""), /is not as Postern writes it/],
  ["a short proof", (header) => header.replace(/(proof=.{8}).*/, "$1"), /not as Postern/],
  [
    "a proof of zeroes",
    (header) => header.replace(/proof=.*/, `proof=${"0".repeat(32)}`),
    /does not fit/,
  ],
  ["an id twice", (header) => header.replace(/ day=/, " id=0123456789abcdef day="), /not as/],
  ["two proofs", (header) => header.replace(/( proof=\S+)/, "$1$1"), /not as Postern/],
  [
    "another X-Postern above it",
    (header) => `${invented(1)}\n${header}`,
    /its X-Postern has no proof/,
  ],
  [
    "it is in the body, as in a forwarded message",
    (header) => `Subject: fwd\n\n${header}`,
    /it has no X-Postern/,
  ],
  [
    "it is folded into another field",
    (header) => `Subject: fwd\n ${header.replaceAll("\n", "\n ")}`,
    /it has no X-Postern/,
  ],
  [
    "its name is folded",
    (header) => header.replace("X-Postern:", "X-Postern\n :"),
    /it has no X-P/,
  ],
  [
    "it has grown to 100 kB",
    (header) => header.replace(/ day=/, ` ${"x=1 ".repeat(25_000)}day=`),
    /not as Postern writes it/,
  ],
  [
    "of a key that we do not have",
    (header) => header.replace(/ key=\S+/, " key=01234567"),
    /it is proved by the key 01234567, and the store has [0-9a-f]{8}: mark it on the host/,
  ],
];
for (const [name, forge, reason] of forgeries)
  test(`learn: a real X-Postern is not believed: ${name}`, async () => {
    await using store = await openStateStore({ kind: "memory" });
    const header = await deliver(config, store);
    const forged = forge(header);
    assert.notEqual(forged, header);
    const { outcome, text } = await spam(store, forged);
    assert.equal(outcome, "refused");
    assert.match(text, /^Cannot learn from /);
    assert.match(text, reason);
    assert.deepEqual(await known(store), []);
    // The message itself can still be marked.
    assert.equal((await spam(store, header)).outcome, "learned");
  });

test("learn: the field of one message in another is that one's: once a message and user", async () => {
  await using store = await openStateStore({ kind: "memory" });
  const header = await deliver(config, store);
  const field = /^X-Postern: .*(?:\n[ \t].*)*/m.exec(header)?.[0] ?? assert.fail();
  const texts: string[] = [];
  for (const [text, user] of [
    [header, "ann@example.org"],
    [`${field}\nFrom: bank@bank.example`, "ann@example.org"],
    [`Subject: replayed\n${field}`, "mallory@example.org"],
    [`Subject: again\n${field}`, "mallory@example.org"],
  ] as const)
    texts.push((await spam(store, text, user)).text.replace(/^\w+ /, ""));
  const learned = `spam for ${HONEST_KEYS.join(" ")}`;
  const already = "was already learned as spam";
  assert.deepEqual(texts, [learned, already, learned, already]);
});

test("learn: marks of one sender beyond the cap of the day are refused, with the reason", async () => {
  await using store = await openStateStore({ kind: "memory" });
  const cap = config.policy.reputation?.dailyCaps.markedSpam ?? assert.fail();
  const header = await deliver(config, store);
  for (let user = 0; user < cap; user += 1)
    assert.equal((await spam(store, header, `${user}`)).outcome, "learned");
  const { outcome, text } = await spam(store, await deliver(config, store));
  assert.equal(outcome, "refused");
  assert.match(text, /is not learned as spam: its senders have today's maximum of 100 such marks/);
});

for (const [days, outcome, reason] of [
  [90, "learned", /spam for author:a@example\.com domain:example\.com/],
  [91, "refused", /it came on 2026-11-24, and marks count for 90 days/],
  [3_650, "refused", /it came on 2026-11-24, and marks count for 90 days/],
  [-1, "learned", /spam for author:a@example\.com domain:example\.com/],
  [-2, "refused", /it came on 2026-11-24, which is in the future: check the clock/],
] as const)
  test(`learn: ${days} days after it was judged a message is ${outcome}`, async () => {
    await using store = await openStateStore({ kind: "memory" });
    const nowMs = Date.UTC(2026, 10, 24, 12);
    const header = await deliver(config, store, HONEST, nowMs);
    const lesson = await spam(store, header, null, nowMs + days * DAY_MS);
    assert.equal(lesson.outcome, outcome);
    assert.match(lesson.text, reason);
  });

test("learn: a message of a host with another store is refused by the name of the missing key", async () => {
  await using there = await openStateStore({ kind: "memory" });
  const header = await deliver(config, there);
  const nameOf = (text: string): string => / key=([0-9a-f]{8})/.exec(text)?.[1] ?? assert.fail();
  await using here = await openStateStore({ kind: "memory" });
  const none = await spam(here, header);
  assert.equal(none.outcome, "refused");
  assert.match(none.text, new RegExp(`by the key ${nameOf(header)}, and the store has none: `));
  const own = await deliver(config, here);
  const other = new RegExp(`key ${nameOf(header)}, and the store has ${nameOf(own)}: `);
  assert.match((await spam(here, header)).text, other);
});

test("learn: what cannot be learned now is said to be for later", async () => {
  await using store = await openStateStore({ kind: "sqlite", path: "/nowhere/state.db" });
  await using good = await openStateStore({ kind: "memory" });
  const header = await deliver(config, good);
  assert.equal((await spam(store, header)).outcome, "later");
});

test("learn, reputation: no command says or shows the key or the marks", async () => {
  const path = join(folder, "state.db");
  const own: Config = { ...config, state: { kind: "sqlite", path } };
  await using store = await openStateStore(
    { kind: "sqlite", path },
    { readDeadlineMs: 5_000, beginDeadlineMs: 30_000 },
  );
  const header = await deliver(own, store);
  const input = Readable.from([Buffer.from(`${header}\n\nhello\n`)]);
  const report = await learn({ mark: "spam", user: "ann" }, own, input);
  assert.equal(report.outcome, "learned");
  const found = await store.read(["meta:mark-key"]);
  const row = (found.kind === "found" && found.rows.get("meta:mark-key")) || {};
  const words = Object.entries(row).flatMap(([name, word]) => (/^k\d$/.test(name) ? [word] : []));
  assert.equal(words.length, 8);
  const listed = await reputation("list", [], own);
  assert.match(listed.text, /domain:example\.com/);
  const shown = [header, report.text, JSON.stringify(listed)];
  for (const prefix of ["meta:", "mark", "m"])
    shown.push(JSON.stringify(await reputation("list", [prefix], own)));
  const text = shown.join("\n");
  assert.doesNotMatch(text, /meta:|mark:/);
  for (const word of words)
    for (const base of [10, 16]) assert.ok(!text.includes(word.toString(base).padStart(8, "0")));
  for (const action of ["show", "forget"])
    await assert.rejects(reputation(action, ["meta:mark-key"], own), { name: "UsageError" });
});
