import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts, ListFact } from "../facts/facts.ts";
import { EVIDENCE_KINDS, type EvidenceKind } from "../policy/evidence-kinds.ts";
import type { Policy } from "../policy/policy.ts";
import { dmarc, domain, honest, ip, policy as plain, signature, spf } from "../testing/samples.ts";
import { knownGood } from "./known-good.ts";

const every = (amount: number): Record<EvidenceKind, number> =>
  Object.fromEntries(EVIDENCE_KINDS.map((kind) => [kind, amount])) as Record<EvidenceKind, number>;

const policy: Policy = {
  ...plain,
  credits: { "lists.dnswl-med": 2, "lists.dnswl-none": 0 },
  reputation: {
    halfLifeDays: 30,
    weights: every(1),
    dailyCaps: every(20),
    sharedPools: [{ by: "domain", domain: domain("pool.example") }],
  },
};

const friend: Partial<Facts> = {
  reputation: { "domain:example.com": 90 },
  correspondents: "domain",
};

function list(operator: string, ...labels: readonly string[]): ListFact {
  return {
    zone: `${operator}.test`,
    operator,
    url: null,
    result: { status: "found", value: labels },
  };
}

const pooled = domain("mx7.pool.example");
const cases: readonly [string, Partial<Facts>, string | undefined][] = [
  ["a stranger in good order", {}, undefined],
  ["DMARC, a good record, and a user of ours wrote there", friend, "example.com"],
  ["with a middling record", { ...friend, reputation: { "domain:example.com": 74 } }, undefined],
  ["without a record", { correspondents: "address" }, undefined],
  ["a snowshoe sender: nobody here wrote there", { ...friend, correspondents: "none" }, undefined],
  ["the store does not answer", { ...friend, correspondents: "temperror" }, undefined],
  ["DMARC fails", { ...friend, dmarc: dmarc("fail", "reject") }, undefined],
  [
    "a signed mail that somebody else sends again",
    { ...friend, spf: { mailfrom: spf("pass", "replay.example"), helo: spf("none") } },
    undefined,
  ],
  [
    "SPF lets everybody send",
    { ...friend, spf: { mailfrom: { ...spf("pass"), permits: "everybody" }, helo: spf("none") } },
    undefined,
  ],
  ["through a forwarder", { ...friend, forwarder: { by: "client" } }, undefined],
  ["not judged at all", { ...friend, standing: "authenticated" }, undefined],
  [
    "a shared pool by its confirmed name",
    { reverseName: { status: "found", value: pooled } },
    "pool.example",
  ],
  [
    "a shared pool by a name that is not confirmed",
    { reverseName: { status: "found", value: pooled }, fcrdns: "fail" },
    undefined,
  ],
  ["on a list of good addresses", { lists: [list("dnswl", "dnswl-med")] }, "mail.example.com"],
  ["on one without weight", { lists: [list("dnswl", "dnswl-none")] }, undefined],
  [
    "on a list of good addresses of the same operator",
    { lists: [list("zen", "dnswl-med")] },
    undefined,
  ],
  ["listed by the operator in question", { ...friend, lists: [list("zen", "sbl")] }, "example.com"],
  [
    "listed by another operator, too",
    { ...friend, lists: [list("zen", "sbl"), list("b", "xbl")] },
    undefined,
  ],
];
for (const [name, change, expected] of cases) {
  test(`knownGood: ${name}: ${expected ?? "unknown"}`, () => {
    assert.equal(knownGood({ ...honest, ...change }, policy, "zen"), expected);
  });
}

test("knownGood: without learned reputation there are lists of good addresses only", () => {
  const { reputation: _, ...others } = policy;
  const facts = { ...honest, ...friend, client: { ...honest.client, address: ip("192.0.2.9") } };
  assert.equal(knownGood(facts, others, null), undefined);
  const lists = [list("dnswl", "dnswl-med")];
  assert.equal(knownGood({ ...facts, lists }, others, null), "mail.example.com");
});

test("knownGood: an aligned signature alone proves the author, not the address", () => {
  const facts: Facts = { ...honest, ...friend, dkim: [signature()] };
  const { spf: _, ...unsent } = facts;
  assert.equal(knownGood(unsent, policy, null), undefined);
  assert.equal(knownGood(facts, policy, null), "example.com");
});
