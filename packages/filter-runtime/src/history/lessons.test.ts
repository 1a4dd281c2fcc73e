import assert from "node:assert/strict";
import { test } from "node:test";
import type { Policy } from "@postern/filter-core";
import { type Client, type Final, parseIpAddress, parseMailbox } from "@postern/smtp-filter";
import { type FakeClock, fakeClock } from "@postern/smtp-filter/testing";
import {
  client,
  name,
  policy as plain,
  rcpt,
  reply,
  rig,
  to,
} from "../testing/conversation-rig.ts";
import { mapStore } from "../testing/map-store.ts";
import { openHistory } from "./history.ts";

const HOUR_MS = 3_600_000;
const sums = (amount: number) => ({
  clean: amount,
  markedHam: amount,
  writtenTo: amount,
  refused: amount,
  misconfigured: amount,
  unknownRecipient: amount,
  relayAttempt: amount,
  brokenSmtp: amount,
  markedSpam: amount,
});
const policy: Policy = {
  ...plain,
  credits: { "reputation.address": 3, "reputation.network": 1, "writtenTo.address": 8 },
  rules: {
    ...plain.rules,
    "auth.none": { kind: "weighed", debt: 5, reply: reply("550 5.7.26 no") },
    "defer.once": { kind: "hard", debt: 0, reply: reply("451 4.7.1 later") },
  },
  reputation: { halfLifeDays: 30, weights: sums(1), dailyCaps: sums(1_000), sharedPools: [] },
};
const confirmed = { status: "found", value: name } as const;

/** Conversations one after the other, over one store and one clock. */
function learning(clock: FakeClock = fakeClock()) {
  const store = mapStore();
  const history = openHistory(store, clock);
  return { store, clock, history, settings: { clock, history, policy } };
}

async function send(
  who: ReturnType<typeof rig>,
  from: Client = client,
  user?: string,
  header: readonly string[] = [],
): Promise<Final> {
  const { connection, transaction, answer } = await rcpt(who, from, user);
  if (answer.kind === "refuse") return answer;
  const message = transaction.message();
  for (const field of ["From: a@example.com", ...header]) {
    const [fieldName = "", value = ""] = field.split(/:(.*)/s);
    message.header(Buffer.from(fieldName), Buffer.from(value));
  }
  message.body(Buffer.from("x\r\n"));
  const final = await message.end();
  connection.close("quit");
  return final;
}

const codeOf = (final: Final): number => (final.kind === "refuse" ? final.reply.code : 250);

test("a missing reverse name is told softly, until 24 hours and three tries are over", async () => {
  const { settings, clock } = learning();
  const codes: number[] = [];
  for (const hours of [0, 1, 1, 21, 2]) {
    await clock.advance(hours * HOUR_MS);
    codes.push(codeOf(await send(rig(settings))));
  }
  assert.deepEqual(codes, [451, 451, 451, 451, 550]);
});

test("a client that comes twice in two days is not told for good on the second", async () => {
  const { settings, clock } = learning();
  await send(rig(settings));
  await clock.advance(48 * HOUR_MS);
  assert.equal(codeOf(await send(rig(settings))), 451);
});

test("many recipients of one connection are one try", async () => {
  const { settings, store } = learning();
  const { transaction } = await rcpt(rig(settings));
  for (let i = 0; i < 5; i += 1) await transaction.rcpt(to);
  assert.equal(store.rows.get("fault:address:192.0.2.7")?.["tries"], 1);
});

test("a stranger is sent away once: too soon again, in time in, and then at once", async () => {
  const { settings, clock } = learning();
  const codes: number[] = [];
  for (const seconds of [0, 30, 31, 5]) {
    await clock.advance(seconds * 1000);
    codes.push(codeOf(await send(rig(settings, confirmed))));
  }
  assert.deepEqual(codes, [451, 451, 250, 250]);
});

test("where the store is down nobody is sent away, and a fault is told as it is", async () => {
  const { settings, store } = learning();
  store.be("down");
  assert.equal(codeOf(await send(rig(settings, confirmed))), 250);
  assert.equal(codeOf(await send(rig(settings))), 550);
});

test("good mail of an address makes up for its broken reverse name, bad mail does not", async () => {
  const { settings, history } = learning();
  assert.ok(policy.reputation);
  const { reputation } = policy;
  const known = { ...client, address: parseIpAddress("198.51.100.9") ?? assert.fail() };
  const identity = { kind: "address", key: "address:198.51.100.9" } as const;
  for (let i = 0; i < 300; i += 1) history.learn("clean", [identity], reputation);
  const { answer } = await rcpt(rig(settings), known);
  assert.equal(answer.kind, "continue");
  for (let i = 0; i < 900; i += 1) history.learn("markedSpam", [identity], reputation);
  assert.equal((await rcpt(rig(settings), known)).answer.kind, "refuse");
});

test("a refusal for good is evidence once a connection; one told softly is none", async () => {
  const { settings, store, clock } = learning();
  const count = () => store.rows.get("address:192.0.2.7")?.["misconfigured.30"] ?? 0;
  await send(rig(settings));
  assert.equal(count(), 0);
  await clock.advance(48 * HOUR_MS);
  for (let i = 0; i < 3; i += 1) await send(rig(settings));
  assert.ok(count() > 0);
});

test("unknown recipients, relaying and broken SMTP are held against the address, not against the sender's domain", async () => {
  const { settings, store } = learning();
  const { transaction, connection } = await rcpt(rig(settings, confirmed));
  connection.misspoke();
  transaction.outcome(to, "unknown");
  transaction.outcome(to, "relay");
  const row = store.rows.get("address:192.0.2.7");
  assert.ok((row?.["unknownRecipient.30"] ?? 0) > 0);
  assert.ok((row?.["relayAttempt.30"] ?? 0) > 0);
  assert.ok((row?.["brokenSmtp.30"] ?? 0) > 0);
  assert.deepEqual(
    [...store.rows.keys()].filter((key) => key.includes("example.com")),
    [],
  );
});

for (const [what, header, isKept] of [
  ["a letter", [], true],
  ["a vacation notice", ["Auto-Submitted: auto-replied"], false],
  ["one that says it is none", ["Auto-Submitted: no"], true],
] as const) {
  test(`${what} of an authenticated user ${isKept ? "makes" : "does not make"} a correspondent`, async () => {
    const { settings, store } = learning();
    await send(rig(settings), client, "carol", header);
    assert.equal(store.rows.has("wrote:b@example.org"), isKept);
    assert.equal(store.rows.has("wrote:@example.org"), isKept);
  });
}

test("nothing is learned of who is trusted, and nobody outside makes correspondents", async () => {
  const { settings, store } = learning();
  await send(rig(settings), { ...client, origin: "local" });
  await send(rig(settings, confirmed));
  assert.deepEqual(
    [...store.rows.keys()].filter((key) => key.startsWith("wrote:")),
    [],
  );
});

test("an address that hides the client learns nothing and is held to nothing", async () => {
  const { settings, store } = learning();
  const hidden = rig({ ...settings, addressGuard: { isTheirs: () => false } });
  const { transaction } = await rcpt(hidden);
  transaction.outcome(parseMailbox("<x@example.org>"), "unknown");
  assert.deepEqual([...store.rows.keys()], ["meta:learning"]);
});
