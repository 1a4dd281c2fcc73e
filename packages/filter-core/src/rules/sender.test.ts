import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "../facts/facts.ts";
import { judge } from "../judgement/judge.ts";
import { honest, policy } from "../testing/samples.ts";
import { idsSeen } from "../testing/seen.ts";
import { rules } from "./all.ts";
import { senderDeferralRules, senderHardRules, senderRules } from "./sender.ts";

const all = [...senderHardRules, ...senderRules, ...senderDeferralRules];

const cases: readonly [name: string, change: Partial<Facts>, ids: readonly string[]][] = [
  ["not looked up", {}, []],
  ["takes mail", { senderDomain: "takes-mail" }, []],
  ["null MX", { senderDomain: "null-mx" }, ["sender.null-mx"]],
  ["nothing", { senderDomain: "nothing" }, ["sender.no-domain"]],
  ["not known", { senderDomain: "temperror" }, ["sender.temperror"]],
  ["not known, our resolver down", { senderDomain: "temperror", resolver: "down" }, []],
];

for (const [name, change, ids] of cases) {
  test(`sender rules: ${name}`, () => {
    assert.deepEqual(idsSeen(all, { ...honest, ...change }), ids);
  });
}

test("sender rules: not knowing asks to come back, before the message", () => {
  const { early } = judge(rules, { ...honest, senderDomain: "temperror" }, policy);
  assert.deepEqual(
    [early?.action, early?.rule, early?.decidedAt],
    ["tempfail", "sender.temperror", "mail"],
  );
});

test("sender rules: not knowing saves nobody whom the sums refuse", () => {
  const facts: Facts = {
    ...honest,
    senderDomain: "temperror",
    reverseName: { status: "none" },
    fcrdns: "none",
  };
  const { early, message } = judge(rules, facts, policy);
  assert.deepEqual([early?.rule, message?.rule], ["rdns.none", "rdns.none"]);
});
