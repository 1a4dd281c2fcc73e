import assert from "node:assert/strict";
import { test } from "node:test";
import type { Action } from "./decision.ts";
import type { Facts } from "./facts.ts";
import { judge } from "./judge.ts";
import type { Mode } from "./mode.ts";
import type { Policy } from "./policy.ts";
import { rules } from "./rules/all.ts";
import { outcomeOf } from "./telling.ts";
import { dmarc, honest, policy, reply, spf } from "./testing/samples.ts";

const nameless = { reverseName: { status: "none" }, fcrdns: "none" } as const;
const unsure: Facts = { ...honest, dmarc: dmarc("temperror", "reject") };
const unsureAndPoor: Facts = {
  ...unsure,
  scores: [{ zone: "score.example", result: { status: "found", value: 12 } }],
};
const quarantined: Facts = {
  ...honest,
  spf: { mailfrom: spf("fail"), helo: spf("none") },
  dmarc: dmarc("fail", "quarantine"),
};
const literal: Policy = {
  ...policy,
  rules: { "rdns.none": { kind: "hard", debt: 0, reply: reply("421 you must have rDNS") } },
};

/** What becomes of it in enforce, junk and observe mode. */
const cases: readonly [string, Facts, Policy, readonly [Action, Action, Action]][] = [
  ["an honest message", honest, policy, ["accept", "accept", "accept"]],
  ["junk", quarantined, policy, ["junk", "junk", "accept"]],
  ["a rejection", { ...honest, ...nameless }, policy, ["reject", "junk", "accept"]],
  ["a deferral", unsure, policy, ["tempfail", "accept", "accept"]],
  ["a deferral of what the sums make junk", unsureAndPoor, policy, ["tempfail", "junk", "accept"]],
  [
    "a lasting fault told with 421",
    { ...honest, ...nameless },
    literal,
    ["tempfail", "junk", "accept"],
  ],
];
for (const [name, facts, with_, [enforced, junked, observed]] of cases) {
  const judgement = judge(rules, facts, with_);
  const outcome = (mode: Mode) => {
    const { action, would } = outcomeOf(judgement, [], { ...with_, mode });
    return { action, would };
  };
  test(`outcomeOf: ${name}`, () => {
    assert.deepEqual(outcome("enforce"), { action: enforced, would: null });
    assert.deepEqual(outcome("junk"), { action: junked, would: enforced });
    assert.deepEqual(outcome("observe"), { action: observed, would: enforced });
  });
}

test("outcomeOf: at an open door what was seen before DATA refuses nothing", () => {
  const outcome = (facts: Facts, mode: Mode) => {
    const treatments = [{ mode, door: "open" }] as const;
    const { action, decision, would } = outcomeOf(judge(rules, facts, policy), treatments, policy);
    return [action, decision?.rule ?? null, would];
  };
  const named = { ...honest, ...nameless };
  assert.deepEqual(outcome(named, "enforce"), ["junk", null, null]);
  assert.deepEqual(outcome(named, "junk"), ["junk", null, "junk"]);
  const unsureToo = { ...unsure, ...nameless };
  assert.deepEqual(outcome(unsureToo, "enforce"), ["tempfail", "dmarc.temperror", null]);
  assert.deepEqual(outcome(unsureToo, "junk"), ["junk", null, "tempfail"]);
  assert.deepEqual(outcome(unsure, "junk"), ["accept", null, "tempfail"]);
});
