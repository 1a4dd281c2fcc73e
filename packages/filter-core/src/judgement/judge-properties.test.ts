import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNetwork } from "@postern/smtp-filter";
import fc from "fast-check";
import type { Facts } from "../facts/facts.ts";
import type { Policy } from "../policy/policy.ts";
import { rules } from "../rules/all.ts";
import { anyFacts, factsOf, type World, worlds } from "../testing/any-facts.ts";
import { plainHeader, policy } from "../testing/samples.ts";
import type { Action } from "./decision.ts";
import { judge } from "./judge.ts";
import { outcomeOf } from "./message-outcome.ts";

const SEVERITY: readonly Action[] = ["accept", "junk", "tempfail", "reject"];
const severityOf = (facts: Facts, with_: Policy): number => {
  const judgement = judge(rules, facts, with_);
  const late = SEVERITY.indexOf(outcomeOf(judgement, [], with_).action);
  return Math.max(late, SEVERITY.indexOf(judgement.early?.action ?? "accept"));
};
const runs = { numRuns: 3000, seed: 20_261_124 };

test("judge: is deterministic and total", () => {
  fc.assert(
    fc.property(anyFacts, (facts) =>
      assert.deepEqual(judge(rules, facts, policy), judge(rules, facts, policy)),
    ),
    runs,
  );
});

test("judge: turning any lookup into temperror never adds debt, and asks to come back at worst", () => {
  const blurs: ((world: World) => World)[] = [
    (world) => ({ ...world, reverse: "temperror" }),
    (world) => ({ ...world, heloAddress: "temperror" }),
    (world) => ({ ...world, score: undefined }),
    (world) => ({ ...world, record: "temperror" }),
    (world) => ({ ...world, spf: { ...world.spf, mailfrom: "temperror" } }),
    (world) => ({ ...world, spf: { ...world.spf, helo: "temperror" } }),
    (world) => ({ ...world, dkim: world.dkim.map((one) => ({ ...one, result: "temperror" })) }),
    ({ dkim: [first, ...others], ...world }) => ({
      ...world,
      dkim: first === undefined ? [] : [{ ...first, result: "temperror" }, ...others],
    }),
  ];
  fc.assert(
    fc.property(worlds, fc.constantFrom(...blurs), (world, blur) => {
      const facts = factsOf(world);
      const blurred = factsOf(blur(world));
      assert.ok(judge(rules, blurred, policy).debt <= judge(rules, facts, policy).debt);
      const isDeferred = judge(rules, blurred, policy).message?.rule === "dmarc.temperror";
      const worst = isDeferred ? SEVERITY.indexOf("tempfail") : 0;
      assert.ok(severityOf(blurred, policy) <= Math.max(severityOf(facts, policy), worst));
      if (world.resolver === "down")
        assert.ok(severityOf(blurred, policy) <= severityOf(facts, policy));
    }),
    runs,
  );
});

test("judge: temperror everywhere means no debt, and no rejection", () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const blind = factsOf({
        ...world,
        author: "example.com",
        helo: "mail.example.com",
        tls: null,
        reverse: "temperror",
        heloAddress: "temperror",
        score: undefined,
        spf: { ...world.spf, mailfrom: "temperror", helo: "temperror" },
        dkim: world.dkim.map((one) => ({ ...one, result: "temperror" })),
        record: "temperror",
      });
      const judgement = judge(rules, { ...blind, header: plainHeader }, policy);
      assert.deepEqual(judgement.observations, []);
    }),
    runs,
  );
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

test("judge: caps hold for each group and for credit, but where a rule lifts them", () => {
  fc.assert(
    fc.property(anyFacts, fc.nat({ max: 12 }), (facts, cap) => {
      const groups = [...new Set(rules.map(({ group }) => group)), "credit"];
      const capped = { ...policy, caps: Object.fromEntries(groups.map((group) => [group, cap])) };
      const { debt, credit, observations } = judge(rules, facts, capped);
      const seen = new Set(observations.map(({ group }) => group));
      const lifted = observations.some(({ rule }) => rule === "dmarc.reject")
        ? Math.max(0, 10 - cap)
        : 0;
      assert.ok(debt <= seen.size * cap + lifted && credit <= cap);
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
