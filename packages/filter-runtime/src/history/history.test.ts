import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ComplaintPolicy,
  complaintsOn,
  estimateOn,
  parseIdentity,
  type ReputationPolicy,
  worthOn,
} from "@postern/filter-core";
import { parseMailbox } from "@postern/smtp-filter";
import { fakeClock } from "@postern/smtp-filter/testing";
import { mapStore } from "../testing/map-store.ts";
import { openHistory } from "./history.ts";
import { storeKey } from "./store-key.ts";

const each = (amount: number): ReputationPolicy["weights"] => ({
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
const policy: ReputationPolicy = {
  halfLifeDays: 30,
  weights: each(1),
  dailyCaps: each(20),
  sharedPools: [],
};
const complaints: ComplaintPolicy = {
  halfLifeDays: 3,
  debts: { author: 6, domain: 6, dkim: 4, spf: 4, address: 4, network: 2 },
};
const DAY_MS = 86_400_000;
const id = (text: string) => parseIdentity(text) ?? assert.fail(text);
const friend = id("domain:example.com");

function rig() {
  const store = mapStore();
  const clock = fakeClock();
  return { store, clock, history: openHistory(store, clock) };
}

test("openHistory: evidence is found again, and is worth half after its half-life", async () => {
  const { clock, history } = rig();
  for (let i = 0; i < 10; i += 1) history.learn("clean", [friend], policy);
  const day = Math.floor(clock.wallMs() / DAY_MS);
  const row = (await history.recall([friend.key]))?.get(friend.key) ?? assert.fail();
  assert.ok(Math.abs(estimateOn(day, row, policy.weights).evidence - 10) < 1e-9);
  assert.ok(Math.abs(estimateOn(day + 30, row, policy.weights).evidence - 5) < 1e-9);
});

test("openHistory: of one kind no more counts in a day than the policy says, and tomorrow again", async () => {
  const { clock, history } = rig();
  const count = async () => {
    const row = (await history.recall([friend.key]))?.get(friend.key) ?? assert.fail();
    return estimateOn(Math.floor(clock.wallMs() / DAY_MS), row, policy.weights).evidence;
  };
  for (let i = 0; i < 500; i += 1) history.learn("clean", [friend], policy);
  assert.ok(Math.abs((await count()) - 20) < 1e-9);
  await clock.advance(DAY_MS);
  for (let i = 0; i < 500; i += 1) history.learn("clean", [friend], policy);
  assert.ok(Math.abs((await count()) - (20 + 20 * 2 ** (-1 / 30))) < 1e-9);
});

test("openHistory: a restart does not begin the day anew", async () => {
  const { store, clock, history } = rig();
  for (let i = 0; i < 20; i += 1) history.learn("clean", [friend], policy);
  const again = openHistory(store, clock);
  await again.recall([friend.key]);
  for (let i = 0; i < 20; i += 1) again.learn("clean", [friend], policy);
  const day = Math.floor(clock.wallMs() / DAY_MS);
  const row = store.rows.get(friend.key) ?? assert.fail();
  assert.ok(Math.abs(estimateOn(day, row, policy.weights).evidence - 20) < 1e-9);
});

test("openHistory: days of clean mail are counted, however many mails come on one, and through a restart", async () => {
  const { store, clock, history } = rig();
  const daysOf = (key: string) => store.rows.get(key)?.["days"];
  for (let i = 0; i < 25; i += 1) history.learn("clean", [friend], policy);
  history.learn("refused", [id("domain:spam.example")], policy);
  const again = openHistory(store, clock);
  await again.recall([friend.key]);
  again.learn("clean", [friend], policy);
  assert.deepEqual([daysOf(friend.key), daysOf("domain:spam.example")], [1, undefined]);
  await clock.advance(DAY_MS);
  again.learn("clean", [friend], policy);
  again.learn("refused", [friend], policy);
  assert.equal(daysOf(friend.key), 2);
});

test("openHistory: whom somebody here vouches for has earned eight days at least", async () => {
  const { store, history } = rig();
  history.learn("writtenTo", [friend], policy);
  history.wrote({ address: "wrote:a@example.com", domain: "wrote:@example.com" });
  for (const key of [friend.key, "wrote:a@example.com", "wrote:@example.com", "meta:learning"])
    assert.equal(store.rows.get(key)?.["days"], 8, key);
});

test("openHistory: a client's mistakes are not held against a domain", async () => {
  const { store, history } = rig();
  history.learn("unknownRecipient", [friend, id("address:192.0.2.1")], policy);
  assert.ok(!store.rows.has(friend.key));
  assert.ok(store.rows.has("address:192.0.2.1"));
});

const clean = (...to: readonly string[]) => ({
  isInInbox: true,
  isClean: true,
  recipients: to.map(parseMailbox),
});
const counted = ({ store, clock }: ReturnType<typeof rig>, key = friend.key) => {
  const row = store.rows.get(key) ?? {};
  const day = Math.floor(clock.wallMs() / DAY_MS);
  const { inbox = 0 } = complaintsOn(day, row) ?? {};
  return { clean: Math.round(worthOn(day, row).get("clean") ?? 0), inbox: Math.round(inbox) };
};

test("openHistory: clean mail counts once a recipient and day, however he spells himself; each message was delivered", async () => {
  const here = rig();
  const minding = { ...policy, complaints };
  for (const to of ["b@example.org", "B@example.org", "b+me@example.org"])
    here.history.accepted(clean(to), [friend], minding);
  assert.deepEqual(counted(here), { clean: 1, inbox: 3 });
  here.history.accepted(clean("b@example.org", "c@example.org"), [friend], minding);
  here.history.accepted(clean("c@example.org"), [friend], minding);
  assert.deepEqual(counted(here), { clean: 2, inbox: 5 });
  await here.clock.advance(DAY_MS);
  here.history.accepted(clean("b@example.org"), [friend], minding);
  assert.equal(counted(here).clean, 3);
});

test("openHistory: what is accepted as junk, or not clean, was not delivered clean", () => {
  const here = rig();
  const minding = { ...policy, complaints };
  const to = [parseMailbox("b@example.org")];
  here.history.accepted({ isInInbox: true, isClean: false, recipients: to }, [friend], minding);
  assert.deepEqual(counted(here), { clean: 0, inbox: 1 });
  here.history.accepted({ isInInbox: false, isClean: true, recipients: to }, [friend], minding);
  assert.deepEqual(counted(here), { clean: 1, inbox: 1 });
});

test("openHistory: where complaints are off nothing is counted as delivered", () => {
  const here = rig();
  here.history.accepted(clean("b@example.org"), [friend], policy);
  assert.deepEqual(Object.keys(here.store.rows.get(friend.key) ?? {}).sort(), [
    "clean.30",
    "clean.today",
    "days",
    "first",
  ]);
});

test("openHistory: who wrote to whom is in no row", () => {
  const here = rig();
  here.history.accepted(clean("secret@example.org"), [friend], { ...policy, complaints });
  assert.doesNotMatch(JSON.stringify([...here.store.rows]), /secret/);
});

test("openHistory: how long it has learned is known, also after a restart", async () => {
  const { store, clock, history } = rig();
  assert.equal(history.learningDays(), undefined);
  await clock.advance(8 * DAY_MS);
  const again = openHistory(store, clock);
  await again.recall([]);
  assert.equal(again.learningDays(), 8);
});

test("openHistory: a store that does not answer is not an empty one", async () => {
  const { store, history } = rig();
  store.be("down");
  assert.equal(await history.recall([friend.key]), null);
});

for (const [name, key, stored] of [
  [
    "a usual key stays as it is",
    "deferral:192.0.2.0/24:example.com",
    /^deferral:192\.0\.2\.0\/24:/,
  ],
  ["a blank in a local part", "wrote:a b@example.com", /^wrote:#[0-9a-f]{64}$/],
  ["a raw byte", "wrote:\xff@example.com", /^wrote:#[0-9a-f]{64}$/],
  ["a long one", `wrote:${"a".repeat(300)}@example.com`, /^wrote:#[0-9a-f]{64}$/],
] as const) {
  test(`storeKey: ${name}`, () => assert.match(storeKey(key), stored));
}
