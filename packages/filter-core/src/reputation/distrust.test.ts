import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Complaints } from "../facts/complaints.ts";
import type { Facts, ScoreFact } from "../facts/facts.ts";
import { judge } from "../judgement/judge.ts";
import { outcomeOf } from "../judgement/message-outcome.ts";
import { EVIDENCE_KINDS, type EvidenceKind } from "../policy/evidence-kinds.ts";
import type { Policy } from "../policy/policy.ts";
import { rules } from "../rules/all.ts";
import { domain, honest, plainHeader, policy, reply } from "../testing/samples.ts";

const every = (amount: number): Record<EvidenceKind, number> =>
  Object.fromEntries(EVIDENCE_KINDS.map((kind) => [kind, amount])) as Record<EvidenceKind, number>;
const minding: Policy = {
  ...policy,
  credits: { ...policy.credits, "writtenTo.address": 8, "reputation.domain": 6 },
  rules: {
    ...policy.rules,
    "reputation.bad": { kind: "weighed", debt: 6, reply: reply("550 5.7.1 unwanted") },
  },
  reputation: {
    halfLifeDays: 30,
    weights: every(1),
    dailyCaps: every(20),
    sharedPools: [],
    complaints: {
      halfLifeDays: 3,
      debts: { author: 6, domain: 6, dkim: 4, spf: 4, address: 4, network: 2 },
    },
  },
};
const many: Complaints = { inbox: 20, spam: 10 };
const author: Facts = {
  ...honest,
  header: {
    ...plainHeader,
    author: { status: "one", domain: domain("example.com"), localPart: "a" },
  },
};
const judged = (change: Partial<Facts>, under = minding) => {
  const judgement = judge(rules, { ...author, ...change }, under);
  return { ...judgement, action: outcomeOf(judgement, [], under).action };
};
const about = (...keys: readonly string[]): Partial<Facts> => ({
  complaints: Object.fromEntries(keys.map((key) => [key, many])),
});

const debts: readonly [what: string, change: Partial<Facts>, debt: number, action: string][] = [
  ["without a store", {}, 0, "accept"],
  ["a store that knows of none", { complaints: {} }, 0, "accept"],
  ["the author", about("author:a@example.com"), 6, "junk"],
  ["the domain", about("domain:example.com"), 6, "junk"],
  ["a signer", about("dkim:example.com"), 4, "accept"],
  ["the domain of MAIL FROM", about("spf:example.com"), 4, "accept"],
  ["the address", about("address:192.0.2.7"), 4, "accept"],
  ["the network", about("network:192.0.2.0/24"), 2, "accept"],
  ["the most expensive, once", about("network:192.0.2.0/24", "spf:example.com"), 4, "accept"],
  ["somebody else", about("domain:example.net", "author:b@example.com"), 0, "accept"],
  ["the same name in replays", about("domain:example.com@203.0.113.0/24"), 0, "accept"],
  ["few", { complaints: { "domain:example.com": { inbox: 400, spam: 2 } } }, 0, "accept"],
];
for (const [what, change, debt, action] of debts) {
  test(`reputation.bad: complaints about ${what} cost ${debt}`, () => {
    const found = judged(change);
    const bad = found.observations.find(({ rule }) => rule === "reputation.bad");
    assert.equal(bad?.debt ?? 0, debt);
    assert.equal(found.action, action);
  });
}

test("reputation.bad: says of whom, and how many; not before the message, and not where complaints are off", () => {
  const [bad] = judged(about("author:a@example.com")).observations;
  assert.match(bad?.explanation ?? "", /mail of author:a@example\.com as spam.*: 10 of 20 /);
  const early = judge(rules, { ...author, ...about("address:192.0.2.7"), stage: "rcpt" }, minding);
  assert.deepEqual(early.observations, []);
  const { complaints: _, ...reputation } = minding.reputation ?? assert.fail();
  assert.equal(judged(about("domain:example.com"), { ...minding, reputation }).debt, 0);
});

test("reputation.bad: a bad record raises what a message owes for its faults, not what its sender owes for complaints", () => {
  const fault = judged({ fcrdns: "fail" }).debt;
  assert.ok(fault > 0);
  const record = { reputation: { "domain:example.com": 0 }, ...about("author:a@example.com") };
  assert.equal(judged(record).debt, 6);
  assert.equal(judged({ ...record, fcrdns: "fail" }).debt, 6 + 1.5 * fault);
});

const trusted: Partial<Facts> = { correspondents: "address", credits: [] };
const scored = (...values: readonly number[]): readonly ScoreFact[] =>
  values.map((value) => ({ zone: "score.example", result: { status: "found", value } }));

test("credit: all of it is voided as far as anybody of the message is distrusted", () => {
  assert.equal(judged(trusted).credit, 8);
  assert.equal(judged({ ...trusted, ...about("network:192.0.2.0/24") }).credit, 0);
  const some = { "spf:example.com": { inbox: 95, spam: 2 } };
  const { credit } = judged({ ...trusted, complaints: some });
  assert.ok(Math.abs(credit - 8 * (1 - 0.764497)) < 1e-3, `${credit}`);
});

for (const [scores, credit] of [
  [[], 8],
  [[70], 8],
  [[50, 90], 4],
  [[90, 40], 2],
  [[30], 0],
  [[5], 0],
] as const) {
  test(`credit: at scores of ${scores.join(" and ") || "nobody"} there is ${credit}`, () =>
    assert.equal(judged({ ...trusted, scores: scored(...scores) }).credit, credit));
}

test("credit: a zone that does not answer leaves it as it is", () => {
  const result = { status: "temperror", detail: "timeout" } as const;
  assert.equal(judged({ ...trusted, scores: [{ zone: "z", result }] }).credit, 8);
});

test("judge: one complaint more never makes a verdict milder, one delivered message more never stricter", () => {
  const severity = (facts: Partial<Facts>): number =>
    ["accept", "junk", "tempfail", "reject"].indexOf(judged(facts).action);
  const key = fc.constantFrom("author:a@example.com", "domain:example.com", "address:192.0.2.7");
  const count = fc.double({ min: 0, max: 500, noNaN: true });
  fc.assert(
    fc.property(key, count, count, count, fc.boolean(), (of, inbox, spam, more, isTrusted) => {
      const facts = (told: Complaints): Partial<Facts> => ({
        ...(isTrusted ? trusted : {}),
        fcrdns: "fail",
        complaints: { [of]: told },
      });
      assert.ok(severity(facts({ inbox, spam: spam + more })) >= severity(facts({ inbox, spam })));
      assert.ok(severity(facts({ inbox: inbox + more, spam })) <= severity(facts({ inbox, spam })));
    }),
  );
});
