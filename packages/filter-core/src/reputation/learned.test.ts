import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Facts } from "../facts/facts.ts";
import { judge } from "../judgement/judge.ts";
import { outcomeOf } from "../judgement/message-outcome.ts";
import { EVIDENCE_KINDS, type EvidenceKind } from "../policy/evidence-kinds.ts";
import { formatPoints } from "../policy/points.ts";
import type { Policy } from "../policy/policy.ts";
import { rules } from "../rules/all.ts";
import { dmarc, domain, honest, ip, policy, reply, signature, spf } from "../testing/samples.ts";
import { dayOf, fieldOf, increment, type Row } from "./decay.ts";
import { estimateOn } from "./estimate.ts";
import { touchedBy } from "./evidence.ts";
import { identitiesOf } from "./identity.ts";
import { badnessOf, familiarity, learnedCredits } from "./learned.ts";

const every = (amount: number): Record<EvidenceKind, number> =>
  Object.fromEntries(EVIDENCE_KINDS.map((kind) => [kind, amount])) as Record<EvidenceKind, number>;

const learning: Policy = {
  ...policy,
  caps: { ...policy.caps, clean: 3 },
  credits: {
    ...policy.credits,
    "writtenTo.address": 8,
    "writtenTo.domain": 4,
    "reputation.domain": 6,
    "reputation.dkim": 4,
    "reputation.address": 3,
    "reputation.network": 1,
  },
  reputation: {
    halfLifeDays: 30,
    weights: { ...every(1), markedSpam: 20 },
    dailyCaps: every(20),
    sharedPools: [{ by: "domain", domain: domain("pool.example") }],
  },
  rules: {
    ...policy.rules,
    "defer.once": { kind: "hard", debt: 0, reply: reply("451 4.7.1 come back") },
    stranger: { kind: "weighed", debt: 1, reply: reply("550 5.7.1 stranger") },
  },
};

const known = {
  "domain:example.com": 100,
  "dkim:example.com": 75,
  "spf:example.com": 90,
  "address:192.0.2.7": 100,
  "network:192.0.2.0/24": 50,
};
const creditsIn = (change: Partial<Facts>, under = learning): readonly string[] =>
  learnedCredits({ ...honest, ...change }, under, "all").map(
    ({ source, amount, of }) => `${source} ${formatPoints(amount)} ${of}`,
  );

const credits: readonly [string, Partial<Facts>, readonly string[]][] = [
  ["without a store there are none", {}, []],
  [
    "each kind by its score",
    { reputation: known },
    ["reputation.domain 6 message", "reputation.dkim 2 message", "reputation.address 3 connection"],
  ],
  [
    "a known domain that this message does not prove to come from",
    { reputation: { "domain:example.net": 100, "spf:example.net": 100 } },
    [],
  ],
  [
    "of two signers the better counts, once",
    {
      reputation: { "dkim:example.com": 60, "dkim:b.example@192.0.2.0/24": 100 },
      dkim: [signature(), signature({ domain: domain("b.example") })],
    },
    ["reputation.dkim 4 message"],
  ],
  [
    "what clean mail alone has earned is cut to its cap, over all kinds",
    {
      reputation: known,
      vouched: { "domain:example.com": 50, "dkim:example.com": 50, "address:192.0.2.7": 50 },
    },
    [
      "reputation.domain 1.64 message",
      "reputation.dkim 0.55 message",
      "reputation.address 0.82 connection",
    ],
  ],
  [
    "what people vouch for counts in full beside it",
    {
      reputation: known,
      vouched: { "domain:example.com": 100, "dkim:example.com": 50, "address:192.0.2.7": 50 },
    },
    [
      "reputation.domain 6 message",
      "reputation.dkim 1.2 message",
      "reputation.address 1.8 connection",
    ],
  ],
  ["written to the address", { correspondents: "address" }, ["writtenTo.address 8 message"]],
  ["written to the domain", { correspondents: "domain" }, ["writtenTo.domain 4 message"]],
  ["a forger of whom we wrote to", { correspondents: "address", dmarc: dmarc("fail", "none") }, []],
  [
    "an author without a DMARC record, by his own name in SPF",
    { correspondents: "address", dmarc: dmarc("none", null) },
    ["writtenTo.address 8 message"],
  ],
  [
    "an author without a record, by another's name",
    { correspondents: "address", dmarc: dmarc("none", null, "example.net") },
    [],
  ],
  [
    "of everybody's mailboxes one says nothing of the others",
    {
      correspondents: "domain",
      dmarc: dmarc("pass", "none", "pool.example"),
      dkim: [signature({ domain: domain("pool.example") })],
    },
    [],
  ],
  ["a store that could not say", { correspondents: "temperror" }, []],
];
for (const [name, change, expected] of credits) {
  test(`learnedCredits: ${name}`, () => assert.deepEqual(creditsIn(change), expected));
}

test("learnedCredits and badnessOf: a policy without reputation learns nothing", () => {
  const facts: Facts = { ...honest, reputation: { ...known, "dkim:example.com": 0 } };
  assert.deepEqual(learnedCredits(facts, policy, "all"), []);
  assert.equal(badnessOf(facts, policy, "all"), 0);
});

test("badnessOf: the worst speaks, a neighbourhood half as loud, and early only where the client is", () => {
  const bad = (reputation: Facts["reputation"]) => ({ ...honest, reputation: reputation ?? {} });
  assert.equal(badnessOf(bad({ "domain:example.com": 25 }), learning, "all"), 0.5);
  assert.equal(badnessOf(bad({ "domain:example.com": 25 }), learning, "connection"), 0);
  assert.equal(badnessOf(bad({ "address:192.0.2.7": 10 }), learning, "connection"), 0.8);
  assert.equal(badnessOf(bad({ "network:192.0.2.0/24": 0 }), learning, "connection"), 0.5);
  assert.equal(
    badnessOf(bad({ "spf:example.com": 0, "address:192.0.2.7": 90 }), learning, "all"),
    1,
  );
});

const acquaintances: readonly [string, Partial<Facts>, string][] = [
  ["no store", {}, "unclear"],
  ["nothing known", { reputation: {} }, "unknown"],
  ["only the neighbourhood", { reputation: { "network:192.0.2.0/24": 90 } }, "unknown"],
  ["the address, as bad", { reputation: { "address:192.0.2.7": 3 } }, "known"],
  ["somebody else", { reputation: { "domain:example.net": 90 } }, "unknown"],
  ["written to", { reputation: {}, correspondents: "domain" }, "known"],
  [
    "a signature that may pass yet",
    { reputation: {}, dkim: [signature({ result: "temperror" })] },
    "unclear",
  ],
  ["a store that answered in part", { reputation: {}, correspondents: "temperror" }, "unclear"],
];
for (const [name, change, expected] of acquaintances) {
  test(`familiarity: ${name}: ${expected}`, () =>
    assert.equal(familiarity({ ...honest, ...change }, learning), expected));
}

const nameless = { reverseName: { status: "none" }, fcrdns: "none" } as const;
const actionOf = (change: Partial<Facts>): string => {
  const judgement = judge(rules, { ...honest, ...change }, learning);
  return judgement.early?.action ?? outcomeOf(judgement, [], learning).action;
};

test("judge: a good record makes up for a lost reverse name, an unknown one does not, a bad one pays more", () => {
  assert.equal(actionOf({ ...nameless, reputation: {} }), "reject");
  assert.equal(actionOf({ ...nameless, reputation: known }), "accept");
  const listed = { fcrdns: "fail", dmarc: dmarc("fail", "none"), dkim: [] } as const;
  const bad = { "address:192.0.2.7": 0 };
  const debt = (change: Partial<Facts>) => judge(rules, { ...honest, ...change }, learning).debt;
  assert.equal(debt({ ...listed, reputation: bad }), debt(listed) * 1.5);
});

test("judge: no reputation crosses a hard rule", () => {
  const scores = fc.dictionary(
    fc.constantFrom(...Object.keys(known)),
    fc.integer({ min: 0, max: 100 }),
  );
  fc.assert(
    fc.property(scores, fc.constantFrom("address", "domain", "none"), (reputation, wrote) => {
      const facts: Facts = { ...honest, helo: "mx.example.org", reputation, correspondents: wrote };
      const judgement = judge(rules, facts, learning);
      assert.equal(judgement.early?.rule, "helo.ours");
      assert.equal(outcomeOf(judgement, [], learning).action, "reject");
    }),
  );
});

test("stranger: after seven days of learning, and only where it is clear", () => {
  const rule = (change: Partial<Facts>): boolean =>
    judge(rules, { ...honest, ...change }, learning).observations.some(
      (seen) => seen.rule === "stranger",
    );
  assert.ok(rule({ reputation: {}, learning: 7 }));
  assert.ok(!rule({ reputation: {}, learning: 6 }));
  assert.ok(!rule({ reputation: {} }));
  assert.ok(!rule({ reputation: known, learning: 7 }));
  assert.ok(!rule({ learning: 7 }));
  assert.ok(
    !rule({ reputation: {}, learning: 7, spf: { mailfrom: spf("temperror"), helo: spf("pass") } }),
  );
});

test("probing: three unknown recipients, and none that is known", () => {
  const rule = (known: number, unknown: number): boolean =>
    judge(
      rules,
      { ...honest, recipientsTold: { known, unknown } },
      { ...learning, rules: { probing: { kind: "final", debt: 4, reply: reply("550 no") } } },
    ).observations.length > 0;
  assert.deepEqual([rule(0, 2), rule(0, 3), rule(1, 9)], [false, true, false]);
});

/** What an attacker can make a message say, with names and addresses of his own, and the victim's as mere claims. */
const attacks = fc.record({
  own: fc.constantFrom("evil.example", "example.com.evil.example", "vil.example"),
  claimed: fc.constantFrom("example.com", "mail.example.com"),
  spfOf: fc.constantFrom(
    "own pass",
    "victim fail",
    "victim softfail",
    "victim temperror",
    "victim +all",
  ),
  dkim: fc.array(fc.constantFrom("own pass", "victim fail", "victim temperror"), { maxLength: 4 }),
  dmarc: fc.constantFrom<"pass" | "fail" | "none" | "temperror">(
    "pass",
    "fail",
    "none",
    "temperror",
  ),
  author: fc.constantFrom("own", "victim"),
  helo: fc.constantFrom("mail.example.com", "mail.evil.example"),
  address: fc.constantFrom("198.51.100.1", "198.51.100.250", "2001:db8:bad::1"),
  kind: fc.constantFrom(...EVIDENCE_KINDS),
});
type Attack = typeof attacks extends fc.Arbitrary<infer T> ? T : never;

function attackFacts({
  own,
  claimed,
  spfOf,
  dkim,
  author,
  helo,
  address,
  ...attack
}: Attack): Facts {
  const name = (whose: string): string => (whose === "own" ? own : claimed);
  const [spfWhose = "", spfSays = ""] = spfOf.split(" ");
  // A DMARC pass for the victim would need something aligned that passes, which only the victim has.
  const passes = attack.dmarc === "pass" && author === "own" ? "pass" : "fail";
  return {
    ...honest,
    client: { ...honest.client, address: ip(address) },
    helo,
    reverseName: { status: "found", value: domain(claimed) },
    fcrdns: "fail",
    from: { text: `a@${claimed}`, localPart: "a", domain: domain(claimed) },
    spf: {
      mailfrom: {
        ...spf(spfSays === "+all" ? "pass" : (spfSays as "pass"), name(spfWhose)),
        permits: spfSays === "+all" ? "everybody" : "some",
      },
      helo: spf("fail"),
    },
    dkim: dkim.map((one) => {
      const [whose = "", result] = one.split(" ");
      return signature({ domain: domain(name(whose)), result: result as "pass" });
    }),
    dmarc: dmarc(attack.dmarc === "pass" ? passes : attack.dmarc, "none", name(author)),
  };
}

test("no sequence of an attacker's mails to himself changes what is thought of a third party", () => {
  const victims = identitiesOf({ ...honest, from: null }, []).map(({ key }) => key);
  fc.assert(
    fc.property(fc.array(attacks, { maxLength: 60 }), (campaign) => {
      const store = new Map<string, Row>();
      for (const attack of campaign) {
        const facts = attackFacts(attack);
        for (const { key } of touchedBy(attack.kind, identitiesOf(facts, []))) {
          const row = store.get(key) ?? {};
          const field = fieldOf(attack.kind, 30);
          const more = increment(1, dayOf(facts.now), 30);
          store.set(key, { ...row, [field]: (row[field] ?? 0) + more });
        }
      }
      for (const key of victims) assert.equal(store.get(key), undefined, key);
    }),
    { numRuns: 500 },
  );
});

test("the same campaign does change what is thought of the attacker", () => {
  const row: Row = { [fieldOf("markedSpam", 30)]: increment(3, dayOf(honest.now), 30) };
  assert.ok(estimateOn(dayOf(honest.now), row, every(20)).score < 30);
});

test("judge: a better score of anybody never makes the verdict worse, nor does being written to", () => {
  const severity = (facts: Facts): number => {
    const judgement = judge(rules, facts, learning);
    const words = ["accept", "junk", "tempfail", "reject"];
    const late = words.indexOf(outcomeOf(judgement, [], learning).action);
    return Math.max(late, words.indexOf(judgement.early?.action ?? "accept"));
  };
  const score = fc.integer({ min: 0, max: 100 });
  const worlds = fc.record({
    fault: fc.constantFrom<Partial<Facts>>({}, nameless, { fcrdns: "fail" }),
    papers: fc.constantFrom<Partial<Facts>>(
      {},
      { dmarc: dmarc("fail", "quarantine") },
      { dmarc: dmarc("none", null), dkim: [], spf: { mailfrom: spf("none"), helo: spf("none") } },
    ),
    isFirst: fc.boolean(),
    scores: fc.dictionary(fc.constantFrom(...Object.keys(known)), score),
    better: fc.constantFrom(...Object.keys(known)),
    by: score,
    wrote: fc.constantFrom("domain", "address"),
  });
  fc.assert(
    fc.property(worlds, ({ fault, papers, isFirst, scores, better, by, wrote }) => {
      const facts: Facts = {
        ...honest,
        ...fault,
        ...papers,
        reputation: { ...scores, [better]: scores[better] ?? 0 },
        correspondents: "none",
        ...(isFirst ? { seen: { deferral: "first", faults: "first" } } : {}),
      };
      const risen = Math.min(100, (scores[better] ?? 0) + by);
      const praised = { ...facts, reputation: { ...facts.reputation, [better]: risen } };
      assert.ok(severity(praised) <= severity(facts));
      assert.ok(severity({ ...facts, correspondents: wrote }) <= severity(facts));
    }),
    { numRuns: 2_000, seed: 20_261_124 },
  );
});
