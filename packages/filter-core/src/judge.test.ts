import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Facts } from "./facts.ts";
import { parseNetwork } from "./ip-address.ts";
import { type Action, judge } from "./judge.ts";
import type { Policy } from "./policy.ts";
import { rules } from "./rules/all.ts";
import { outcomeOf } from "./telling.ts";
import { domain, honest, ip, policy, reply } from "./testing/samples.ts";

const lookups = ["found", "none", "temperror"] as const;
const named = { status: "found", value: domain("mail.example.com") } as const;
const temperror = { status: "temperror", detail: "timeout" } as const;

/** Any facts the rules look at, temperror among them. */
const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    reverse: fc.constantFrom("pass", "fail", "none", "temperror"),
    generic: fc.boolean(),
    helo: fc.constantFrom(
      null,
      "mail.example.com",
      "192.0.2.7",
      "localhost",
      "MX.example.org",
      "a b",
    ),
    heloAddress: fc.constantFrom(...lookups),
    score: fc.option(fc.constantFrom(0, 5, 29, 30, 69, 95), { nil: undefined }),
    tls: fc.constantFrom(true, false, null),
    credits: fc.array(fc.nat({ max: 12 }), { maxLength: 3 }),
    stage: fc.constantFrom("connect", "helo", "mail", "rcpt", "message"),
    standing: fc.constantFrom("outside", "outside", "outside", "trusted", "authenticated"),
  })
  .map((any): Facts => {
    const name = any.generic ? domain("dyn-192-0-2-7.pool.example.net") : named.value;
    const reverseName =
      any.reverse === "none"
        ? ({ status: "none" } as const)
        : any.reverse === "temperror"
          ? temperror
          : ({ status: "found", value: name } as const);
    return {
      ...honest,
      stage: any.stage as Facts["stage"],
      standing: any.standing as Facts["standing"],
      helo: any.helo,
      client: { ...honest.client, tls: any.tls },
      reverseName,
      fcrdns: any.reverse as "pass",
      heloAddress:
        any.heloAddress === "found"
          ? { status: "found", value: [ip("192.0.2.7")] }
          : any.heloAddress === "none"
            ? { status: "none" }
            : temperror,
      scores: [
        {
          zone: "score.example",
          result: any.score === undefined ? temperror : { status: "found", value: any.score },
        },
      ],
      credits: any.credits.map((amount) => ({ source: "x", amount, of: "connection" })),
    };
  });

const SEVERITY: readonly Action[] = ["accept", "junk", "tempfail", "reject"];
const severityOf = (facts: Facts, with_: Policy): number => {
  const judgement = judge(rules, facts, with_);
  const late = SEVERITY.indexOf(outcomeOf(judgement, [], with_).action);
  return Math.max(late, SEVERITY.indexOf(judgement.early?.action ?? "accept"));
};
const runs = { numRuns: 3000, seed: 20_261_124 };

test("judge: an honest server has no debt", () => {
  const { debt, observations, early, message } = judge(rules, honest, policy);
  assert.deepEqual([debt, observations, early, message], [0, [], null, null]);
});

test("judge: is deterministic and total", () => {
  fc.assert(
    fc.property(anyFacts, (facts) =>
      assert.deepEqual(judge(rules, facts, policy), judge(rules, facts, policy)),
    ),
    runs,
  );
});

test("judge: turning any lookup into temperror never adds debt nor worsens the verdict", () => {
  const blurs: ((facts: Facts) => Facts)[] = [
    (facts) => ({ ...facts, reverseName: temperror, fcrdns: "temperror" }),
    (facts) => ({ ...facts, fcrdns: "temperror" }),
    (facts) => ({ ...facts, heloAddress: temperror }),
    (facts) => ({ ...facts, scores: [{ zone: "score.example", result: temperror }] }),
  ];
  fc.assert(
    fc.property(anyFacts, fc.constantFrom(...blurs), (facts, blur) => {
      const blurred = blur(facts);
      assert.ok(judge(rules, blurred, policy).debt <= judge(rules, facts, policy).debt);
      assert.ok(severityOf(blurred, policy) <= severityOf(facts, policy));
    }),
    runs,
  );
});

test("judge: temperror everywhere means no observation at all", () => {
  const blind: Facts = {
    ...honest,
    reverseName: temperror,
    fcrdns: "temperror",
    heloAddress: temperror,
    scores: [{ zone: "score.example", result: temperror }],
  };
  assert.deepEqual(judge(rules, blind, policy).observations, []);
});

test("judge: a heavier debt never gives a milder verdict", () => {
  const weighable = Object.keys(policy.rules).filter((id) => policy.rules[id]?.kind !== "hard");
  fc.assert(
    fc.property(
      anyFacts,
      fc.constantFrom(...weighable),
      fc.nat({ max: 20 }),
      fc.nat({ max: 20 }),
      (facts, id, debt, more) => {
        const at = (weight: number): Policy => {
          const rule = policy.rules[id];
          assert.ok(rule);
          return { ...policy, rules: { ...policy.rules, [id]: { ...rule, debt: weight } } };
        };
        assert.ok(severityOf(facts, at(debt + more)) >= severityOf(facts, at(debt)));
        assert.ok(judge(rules, facts, at(debt + more)).debt >= judge(rules, facts, at(debt)).debt);
      },
    ),
    runs,
  );
});

test("judge: caps hold for each group and for credit", () => {
  fc.assert(
    fc.property(anyFacts, fc.nat({ max: 12 }), (facts, cap) => {
      const capped = {
        ...policy,
        caps: { rdns: cap, helo: cap, score: cap, tls: cap, credit: cap },
      };
      const { debt, credit } = judge(rules, facts, capped);
      assert.ok(debt <= 4 * cap && credit <= cap);
    }),
    runs,
  );
});

test("judge: a hard rule is never cancelled, by credit or by an allow entry", () => {
  const everyone = parseNetwork("0.0.0.0/0");
  assert.ok(everyone);
  const allow = [
    { selectors: [{ by: "client", network: everyone } as const], until: null, text: "all" },
  ];
  fc.assert(
    fc.property(anyFacts, fc.boolean(), (facts, isAllowed) => {
      const lying: Facts = { ...facts, helo: "mx.example.org", standing: "outside" };
      const judgement = judge(rules, lying, isAllowed ? { ...policy, allow } : policy);
      assert.equal(outcomeOf(judgement, [], policy).action, "reject");
      assert.equal(judgement.observations.find(({ rule }) => rule === "helo.ours")?.debt, 0);
    }),
    runs,
  );
});

test("judge: no rule runs for clients that are not outside, deny included", () => {
  const everyone = parseNetwork("0.0.0.0/0");
  assert.ok(everyone);
  const deny = [
    { selectors: [{ by: "client", network: everyone } as const], until: null, text: "all" },
  ];
  for (const standing of ["undecided", "authenticated", "trusted", "local"] as const) {
    const judgement = judge(
      rules,
      { ...honest, standing, reverseName: { status: "none" }, fcrdns: "none" },
      { ...policy, deny },
    );
    assert.deepEqual(judgement.observations, []);
  }
});

test("judge: an allow entry cancels debts and says so", () => {
  const network = parseNetwork("192.0.2.0/24");
  assert.ok(network);
  const allow = [
    { selectors: [{ by: "client", network } as const], until: "2026-11-24", text: "192.0.2.0/24" },
  ];
  const nameless: Facts = { ...honest, reverseName: { status: "none" }, fcrdns: "none" };
  const allowed = judge(rules, nameless, { ...policy, allow });
  assert.equal(allowed.debt, 0);
  assert.match(
    allowed.observations[0]?.explanation ?? "",
    /cancelled: allowed by the entry 192\.0\.2\.0\/24/,
  );
  const tomorrow = judge(
    rules,
    { ...nameless, now: "2026-11-25T00:00:00.000Z" },
    { ...policy, allow },
  );
  assert.equal(tomorrow.debt, 10);
});

test("judge: weighed debts do not refuse before the message", () => {
  const heavy = {
    ...policy,
    rules: {
      ...policy.rules,
      "tls.none": { kind: "weighed", debt: 30, reply: reply("550 no") } as const,
    },
  };
  const plain = judge(rules, { ...honest, client: { ...honest.client, tls: false } }, heavy);
  assert.equal(plain.early, null);
  assert.equal(plain.message?.action, "reject");
});

test("judge: of two refusals the one that can be told first speaks", () => {
  const lying: Facts = {
    ...honest,
    helo: "mx.example.org",
    reverseName: { status: "none" },
    fcrdns: "none",
  };
  assert.equal(judge(rules, lying, policy).early?.rule, "rdns.none");
  assert.equal(judge(rules, lying, policy).early?.decidedAt, "connect");
});

test("judge: debts of several stages refuse at the stage that fills the measure", () => {
  const sum: Facts = {
    ...honest,
    fcrdns: "fail",
    helo: "localhost",
    scores: [{ zone: "score.example", result: { status: "found", value: 25 } }],
  };
  const { early, debt } = judge(rules, sum, policy);
  assert.equal(debt, 13);
  assert.deepEqual([early?.decidedAt, early?.rule], ["connect", "score.low"]);
});

test("judge: tiers hold the measure against the first step above it", () => {
  const debtAt = (value: number): number =>
    judge(
      rules,
      { ...honest, scores: [{ zone: "z.example", result: { status: "found", value } }] },
      policy,
    ).debt;
  assert.deepEqual([0, 9, 10, 29, 30, 69, 70, 100].map(debtAt), [10, 10, 6, 6, 2, 2, 0, 0]);
});
