import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ComplaintKind,
  complaintField,
  complaintIncrement,
  type Facts,
  fieldOf,
  increment,
  type ReputationPolicy,
} from "@postern/filter-core";
import { fakeClock } from "@postern/smtp-filter/testing";
import { honest, spf } from "../../../filter-core/src/testing/samples.ts";
import { mapStore } from "../testing/map-store.ts";
import { openHistory } from "./history.ts";
import { HistoryFacts } from "./history-facts.ts";

const weights = {
  clean: 1,
  markedHam: 5,
  writtenTo: 20,
  refused: 1,
  misconfigured: 1,
  unknownRecipient: 1,
  relayAttempt: 1,
  brokenSmtp: 1,
  markedSpam: 20,
};
const policy: ReputationPolicy = { halfLifeDays: 30, weights, dailyCaps: weights, sharedPools: [] };

/** What is remembered of a message, in a store with these rows. */
async function recalled(
  rowsOn: (day: number) => Readonly<Record<string, Readonly<Record<string, number>>>>,
  change: Partial<Facts> = {},
) {
  const clock = fakeClock();
  const store = mapStore();
  for (const [key, row] of Object.entries(rowsOn(Math.floor(clock.wallMs() / 86_400_000))))
    store.rows.set(key, row);
  const facts = { ...honest, ...change };
  const history = new HistoryFacts(openHistory(store, clock), policy);
  await history.client(facts);
  await history.message(facts, () => true);
  return history.facts(clock.wallMs());
}

const clean = (day: number) => ({ [fieldOf("clean", 30)]: increment(100, day, 30) });
const ham = (day: number) => ({ [fieldOf("markedHam", 30)]: increment(20, day, 30) });
const counter = (kind: ComplaintKind, amount: number, day: number) => ({
  [complaintField(kind, 3)]: complaintIncrement(amount, day, 3),
});
/** Only the signature proves the domain: as in a replay, and as many services send. */
const signed: Partial<Facts> = {
  spf: { mailfrom: spf("pass", "other.example"), helo: spf("pass") },
};

test("HistoryFacts: what people say is told apart from clean mail", async () => {
  const { reputation, vouched } = await recalled((day) => ({
    "domain:example.com": clean(day),
    "dkim:example.com": { ...clean(day), ...ham(day) },
  }));
  assert.deepEqual(vouched?.["domain:example.com"], 50);
  assert.ok((reputation?.["domain:example.com"] ?? 0) > 90);
  assert.ok((vouched?.["dkim:example.com"] ?? 0) > 85);
});

test("HistoryFacts: complaints are told with the identity, also where there is no evidence", async () => {
  const { reputation, complaints } = await recalled((day) => ({
    "spf:example.com": { ...counter("inbox", 30, day - 3), ...counter("spam", 4, day - 3) },
    "address:192.0.2.7": clean(day),
  }));
  assert.deepEqual(complaints, { "spf:example.com": { inbox: 15, spam: 2, readers: 2 } });
  assert.deepEqual(Object.keys(reputation ?? {}), ["address:192.0.2.7"]);
});

test("HistoryFacts: what 0.1 learned of a signed domain counts in every network until SPF has backed it", async () => {
  const bound = "domain:example.com@192.0.2.0/24";
  const old = await recalled((day) => ({ "domain:example.com": clean(day) }), signed);
  assert.ok((old.reputation?.[bound] ?? 0) > 90);
  assert.equal(old.reputation?.["domain:example.com"], undefined);
  const both = await recalled(
    (day) => ({ "domain:example.com": clean(day), [bound]: { ...ham(day), first: day } }),
    signed,
  );
  assert.ok((both.vouched?.[bound] ?? 0) > 85);
  assert.ok((both.reputation?.[bound] ?? 0) > (old.reputation?.[bound] ?? 0));
  const since = await recalled(
    (day) => ({ "domain:example.com": { ...clean(day), ...counter("inbox", 1, day) } }),
    signed,
  );
  assert.equal(since.reputation?.[bound], undefined);
});

test("HistoryFacts: complaints about a signed domain stay in the network of whoever replays it", async () => {
  const rows = (day: number) => ({
    "domain:example.com@203.0.113.0/24": {
      ...counter("inbox", 5, day),
      ...counter("spam", 5, day),
    },
  });
  assert.deepEqual((await recalled(rows)).complaints, {});
  assert.deepEqual((await recalled(rows, signed)).complaints, {});
});
