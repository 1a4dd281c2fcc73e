import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "../facts/facts.ts";
import { headersFor } from "../headers/results.ts";
import type { Mode } from "../policy/mode.ts";
import type { Policy } from "../policy/policy.ts";
import { rules } from "../rules/all.ts";
import { dmarc, honest, policy, reply, spf } from "../testing/samples.ts";
import type { Action } from "./decision.ts";
import { judge } from "./judge.ts";
import { outcomeOf } from "./message-outcome.ts";

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
  [
    "a deferral",
    { ...honest, senderDomain: "temperror" },
    policy,
    ["tempfail", "accept", "accept"],
  ],
  ["a protected author that cannot be checked", unsure, policy, ["tempfail", "junk", "accept"]],
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

for (const [modes, action, would] of [
  [["enforce", "observe"], "junk", "reject"],
  [["enforce", "junk"], "junk", "reject"],
  [["junk", "observe"], "junk", "reject"],
  [["observe", "observe"], "accept", "reject"],
  [["enforce", "enforce"], "reject", null],
] as const) {
  test(`outcomeOf: recipients in ${modes.join(" and ")}: a rejection is ${action}`, () => {
    const treatments = modes.map((mode) => ({ mode, door: "guarded" }) as const);
    const judgement = judge(rules, { ...honest, ...nameless }, policy);
    const outcome = outcomeOf(judgement, treatments, policy);
    assert.deepEqual([outcome.action, outcome.would], [action, would]);
    const fields = headersFor(honest, judgement, outcome, policy, "0123456789abcdef");
    const ours = fields.find(({ name }) => name === "X-Postern")?.value ?? "";
    const said = / mode=(\w+) marking=(\w+)$/.exec(ours)?.slice(1);
    assert.deepEqual(said, outcome.mode === outcome.marking ? undefined : [modes[1], modes[0]]);
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
  assert.deepEqual(outcome(unsure, "junk"), ["junk", null, "tempfail"]);
});

const forgiven: Facts = {
  ...honest,
  ...nameless,
  credits: [{ source: "learned", amount: 8, of: "message" }],
};

test("outcomeOf: notqmail refuses at the end what others refuse at RCPT, whatever the message earned", () => {
  const judgement = judge(rules, forgiven, policy);
  assert.equal(outcomeOf(judgement, [], policy, "postfix").action, "accept");
  const { action, decision } = outcomeOf(judgement, [], policy, "notqmail");
  assert.deepEqual([action, decision?.rule], ["reject", "rdns.none"]);
});

test("outcomeOf: under notqmail too, open doors and other modes refuse nothing", () => {
  const judgement = judge(rules, forgiven, policy);
  const action = (mode: Mode, door: "open" | "guarded") =>
    outcomeOf(judgement, [{ mode, door }], policy, "notqmail").action;
  assert.equal(action("enforce", "open"), "accept");
  assert.equal(action("junk", "guarded"), "accept");
  assert.equal(action("observe", "guarded"), "accept");
});
