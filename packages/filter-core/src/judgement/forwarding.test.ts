import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "../facts/facts.ts";
import { rules } from "../rules/all.ts";
import { domain, honest, policy } from "../testing/samples.ts";
import { judge } from "./judge.ts";

/** Unsigned mail of a p=reject author through a host without a reverse name. */
const forwarded: Facts = {
  ...honest,
  reverseName: { status: "none" },
  fcrdns: "none",
  spf: {
    mailfrom: { result: "fail", domain: domain("example.com"), permits: "some" },
    helo: { result: "none", domain: null, permits: "some" },
  },
  dkim: [],
  dmarc: { result: "fail", policy: "reject", domain: domain("example.com") },
};
const list = domain("list.example");

const cases: readonly [
  name: string,
  forwarder: Facts["forwarder"],
  action: string,
  early: string | undefined,
][] = [
  ["nobody vouches", undefined, "reject", "reject"],
  ["the client is a forwarder", { by: "client" }, "accept", undefined],
  [
    "a sealer who says that DMARC passed, from a host without a name",
    { by: "arc-sealer", domain: list, passes: ["dkim", "dmarc"] },
    "reject",
    "reject",
  ],
];

for (const [name, forwarder, action, early] of cases) {
  test(`forwarders: ${name}`, () => {
    const facts = forwarder === undefined ? forwarded : { ...forwarded, forwarder };
    const judgement = judge(rules, facts, policy);
    assert.equal(judgement.message?.action ?? "accept", action);
    assert.equal(judgement.early?.action, early);
  });
}

for (const [passes, debt] of [
  [["dmarc"], 0],
  [["dkim"], 10],
  [["spf"], 10],
  [[], 10],
] as const) {
  test(`forwarders: a sealer is believed as far as he says ${passes.join(" and ") || "nothing"} passed`, () => {
    const facts: Facts = {
      ...forwarded,
      reverseName: honest.reverseName ?? { status: "none" },
      fcrdns: "pass",
      forwarder: { by: "arc-sealer", domain: list, passes },
    };
    const judgement = judge(rules, facts, policy);
    assert.equal(judgement.debt, debt);
    const cancelled = judgement.observations.find(({ rule }) => rule === "dmarc.reject");
    assert.equal(cancelled?.explanation.includes("a forwarder you trust did that"), debt === 0);
  });
}

test("forwarders: what is no work of a hop still counts", () => {
  const facts: Facts = {
    ...forwarded,
    forwarder: { by: "client" },
    helo: "localhost",
    senderDomain: "nothing",
  };
  const judgement = judge(rules, facts, policy);
  assert.deepEqual(
    judgement.observations.filter(({ debt }) => debt > 0).map(({ rule }) => rule),
    ["helo.not-a-name", "sender.no-domain"],
  );
  assert.equal(judgement.early?.rule, "sender.no-domain");
});
