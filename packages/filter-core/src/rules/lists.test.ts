import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts, ListFact } from "../facts/facts.ts";
import { judge } from "../judgement/judge.ts";
import { honest, policy } from "../testing/samples.ts";
import { findingsOf, idsSeen } from "../testing/seen.ts";
import { rules } from "./all.ts";
import { listHardRules, listRules } from "./lists.ts";

const ours = [...listHardRules, ...listRules];

/** A list of an operator that gives the client these labels. */
function list(operator: string, ...labels: readonly string[]): ListFact {
  return ofResult(operator, { status: "found", value: labels });
}

function ofResult(operator: string, result: ListFact["result"]): ListFact {
  return { zone: `${operator}.test`, operator, url: `https://${operator}.test/192.0.2.7`, result };
}

const on = (...lists: readonly ListFact[]): Facts => ({ ...honest, lists });

for (const label of ["drop", "sbl", "css", "xbl", "pbl", "class2"]) {
  test(`lists: ${label}`, () => {
    assert.deepEqual(idsSeen(ours, on(list("zen", label))), [`lists.${label}`]);
  });
}

const cases: readonly [string, Facts, readonly string[]][] = [
  ["not gathered", honest, []],
  ["no lists", on(), []],
  ["not listed", on(ofResult("zen", { status: "none" })), []],
  ["could not look", on(ofResult("zen", { status: "temperror", detail: "timeout" })), []],
  ["a label that no rule knows", on(list("zen", "new", "dnswl-hi")), []],
  ["several labels of one list", on(list("zen", "pbl", "sbl")), ["lists.sbl", "lists.pbl"]],
  ["one label of two lists", on(list("zen", "sbl"), list("other", "sbl")), ["lists.sbl"]],
  [
    "one list knows, one is silent",
    on(ofResult("zen", { status: "temperror", detail: "not tested yet" }), list("b", "xbl")),
    ["lists.xbl"],
  ],
];
for (const [name, facts, ids] of cases) {
  test(`lists: ${name}`, () => assert.deepEqual(idsSeen(ours, facts), ids));
}

test("lists: a finding names every zone, and the page and the operator of the first", () => {
  const facts = on(list("zen", "sbl"), ofResult("none", { status: "none" }), list("b", "sbl"));
  assert.deepEqual(findingsOf(ours, facts).get("lists.sbl"), {
    explanation: "192.0.2.7 is listed as sbl at zen.test, b.test",
    zone: "zen.test",
    operator: "zen",
    url: "https://zen.test/192.0.2.7",
  });
});

test("lists: without a page there is none to name", () => {
  const facts = on({ ...list("zen", "sbl"), url: null });
  assert.equal(findingsOf(ours, facts).get("lists.sbl")?.url, undefined);
  const [observation] = judge(rules, facts, policy).observations;
  assert.deepEqual([observation?.zone, observation?.url], ["zen.test", "zen.test"]);
});

/** Balance, and what becomes of an otherwise clean client. */
const sums: readonly [string, readonly ListFact[], number, number, string | null][] = [
  ["sbl", [list("zen", "sbl")], 8, 0, "junk"],
  ["pbl", [list("zen", "pbl")], 5, 0, null],
  ["class2", [list("spamcop", "class2")], 2, 0, null],
  ["all that one operator has to say", [list("zen", "sbl", "css", "xbl", "pbl")], 8, 0, "junk"],
  ["two lists of one operator", [list("zen", "sbl"), list("zen", "pbl")], 8, 0, "junk"],
  [
    "a list of first rank and one of second",
    [list("zen", "xbl"), list("b", "class2")],
    10,
    0,
    "reject",
  ],
  ["two operators, capped together", [list("zen", "sbl"), list("b", "xbl")], 10, 0, "reject"],
  ["two lists of second rank", [list("a", "class2"), list("b", "class2")], 2, 0, null],
  ["dnswl-med", [list("dnswl", "dnswl-med")], 0, 2, null],
  ["dnswl-hi", [list("dnswl", "dnswl-hi")], 0, 4, null],
  ["sbl and dnswl-hi", [list("zen", "sbl"), list("dnswl", "dnswl-hi")], 8, 4, null],
  [
    "two operators and dnswl-med",
    [list("zen", "sbl"), list("b", "class2"), list("dnswl", "dnswl-med")],
    10,
    2,
    "junk",
  ],
  ["dnswl twice", [list("dnswl", "dnswl-hi"), list("copy", "dnswl-hi")], 0, 4, null],
];
for (const [name, lists, debt, credit, action] of sums) {
  test(`lists: ${name}: ${action ?? "accept"}`, () => {
    const judgement = judge(rules, on(...lists), policy);
    assert.deepEqual([judgement.debt, judgement.credit], [debt, credit]);
    assert.equal(judgement.message?.action ?? null, action);
    assert.equal(judgement.early?.action ?? null, action === "reject" ? "reject" : null);
  });
}

test("lists: no credit helps against drop", () => {
  const facts = on(list("zen", "drop"), list("dnswl", "dnswl-hi"));
  const { early, debt } = judge(rules, facts, policy);
  assert.deepEqual([early?.action, early?.rule, debt], ["reject", "lists.drop", 0]);
});
