import assert from "node:assert/strict";
import { test } from "node:test";
import { dmarc, honest, signature, spf } from "../testing/samples.ts";
import type { Facts } from "./facts.ts";
import { failedLookups, hasFailedQuestion, LOOKUPS, type LookupName } from "./failed-lookups.ts";

const failed = { status: "temperror", detail: "timeout" } as const;
const list = { zone: "list.test", operator: "x", url: null };

const cases: Readonly<Record<LookupName, Partial<Facts>>> = {
  reverseName: { reverseName: failed },
  fcrdns: { fcrdns: "temperror" },
  heloAddress: { heloAddress: failed },
  scores: { scores: [{ zone: "score.test", result: failed }] },
  lists: {
    lists: [
      { ...list, result: { status: "none" } },
      { ...list, result: failed },
    ],
  },
  senderDomain: { senderDomain: "temperror" },
  "spf.mailfrom": { spf: { mailfrom: spf("temperror"), helo: spf("pass") } },
  "spf.helo": { spf: { mailfrom: spf("pass"), helo: spf("temperror") } },
  dkim: { dkim: [signature(), signature({ result: "temperror" })] },
  arc: { arc: { result: "temperror", sealers: [] } },
  dmarc: { dmarc: dmarc("temperror", "reject") },
  authorDomain: { authorDomain: "temperror" },
  correspondents: { correspondents: "temperror" },
};

for (const name of LOOKUPS) {
  test(`failedLookups: ${name}`, () => {
    const facts = { ...honest, ...cases[name] };
    assert.deepEqual(failedLookups(facts), [name]);
    assert.equal(hasFailedQuestion(facts), name !== "correspondents");
  });
}

test("failedLookups: none where every lookup found or missed something", () => {
  assert.deepEqual(failedLookups(honest), []);
  assert.deepEqual(failedLookups({ ...honest, reverseName: { status: "none" } }), []);
});
