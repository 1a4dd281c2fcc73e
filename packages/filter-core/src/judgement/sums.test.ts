import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ListFact } from "../facts/facts.ts";
import { honest, policy, reply } from "../testing/samples.ts";
import type { Observation } from "./observation.ts";
import { creditsOf, sumCredit, sumDebt } from "./sums.ts";

const no = reply("550 no");

function seen(group: string, debt: number, operator: string | null = null): Observation {
  return {
    rule: `${group}.some`,
    papers: { voidedBy: [], evidence: "refused", firstRefusal: "permanent", restsOn: [] },
    group,
    kind: "final",
    stage: "connect",
    debt,
    cap: null,
    paidBy: "credit",
    inJunkMode: null,
    explanation: "",
    decides: null,
    reply: no,
    tellAt: "connect",
    zone: "",
    url: "",
    operator,
  };
}

const caps = { lists: 10, operator: 8, helo: 4 };

const cases: readonly [string, readonly Observation[], number][] = [
  ["nothing", [], 0],
  ["one operator, below its cap", [seen("lists", 5, "a")], 5],
  ["one operator, above its cap", [seen("lists", 8, "a"), seen("lists", 8, "a")], 8],
  ["two operators, below all caps", [seen("lists", 5, "a"), seen("lists", 2, "b")], 7],
  [
    "two operators, one above its cap",
    [seen("lists", 8, "a"), seen("lists", 5, "a"), seen("lists", 1, "b")],
    9,
  ],
  ["two operators, above the group's cap", [seen("lists", 8, "a"), seen("lists", 8, "b")], 10],
  ["nobody's words are not one opinion", [seen("lists", 6), seen("lists", 3)], 9],
  ["nobody's words and an operator's", [seen("lists", 9, "a"), seen("lists", 1)], 9],
  ["an operator in two groups", [seen("lists", 8, "a"), seen("helo", 4, "a")], 12],
  [
    "a rule that lifts the group's cap",
    [{ ...seen("lists", 9, "a"), cap: 12 }, seen("lists", 9)],
    12,
  ],
];
for (const [name, observations, debt] of cases) {
  test(`sumDebt: ${name}: ${debt}`, () => assert.equal(sumDebt(observations, caps), debt));
}

test("sumDebt: without a cap for operators they say what they like, up to the group's", () => {
  const both = [seen("lists", 8, "a"), seen("lists", 8, "a")];
  assert.equal(sumDebt(both, { lists: 10 }), 10);
  assert.equal(sumDebt(both, {}), 16);
});

test("sumDebt: the order does not matter, and one more observation never makes it less", () => {
  const some = fc.array(
    fc.record({
      group: fc.constantFrom("lists", "helo", "free"),
      debt: fc.integer({ min: 0, max: 12 }),
      operator: fc.constantFrom("a", "b", null),
    }),
  );
  fc.assert(
    fc.property(some, (all) => {
      const observations = all.map(({ group, debt, operator }) => seen(group, debt, operator));
      const sum = sumDebt(observations, caps);
      assert.equal(sumDebt(observations.toReversed(), caps), sum);
      assert.ok(sumDebt(observations.slice(1), caps) <= sum);
    }),
  );
});

const dnswl = (zone: string, ...value: readonly string[]): ListFact => ({
  zone,
  operator: "dnswl",
  url: null,
  result: { status: "found", value },
});
const silent: ListFact["result"] = { status: "temperror", detail: "muted" };
const learned = { source: "wrote-to", amount: 8, of: "message" } as const;

test("creditsOf: of one label the word counts once, and a silent list gives none", () => {
  const lists = [
    dnswl("a.test", "dnswl-hi", "sbl"),
    dnswl("b.test", "dnswl-hi"),
    { ...dnswl("c.test"), result: silent },
  ];
  const hi = { source: "lists.dnswl-hi", amount: 4, of: "connection" };
  assert.deepEqual(creditsOf({ ...honest, lists, credits: [learned] }, policy, "all"), [
    learned,
    hi,
  ]);
});

test("sumCredit: up to its cap, and before the message only what is known of the connection", () => {
  const facts = {
    ...honest,
    lists: [dnswl("a.test", "dnswl-hi", "dnswl-med")],
    credits: [learned],
  };
  assert.equal(sumCredit(facts, policy, "all"), 8);
  assert.equal(sumCredit(facts, policy, "connection"), 6);
  assert.equal(sumCredit(facts, { ...policy, caps: {} }, "all"), 14);
});
