import assert from "node:assert/strict";
import { test } from "node:test";
import type { EvidenceKind } from "../policy/evidence-kinds.ts";
import { rules } from "../rules/all.ts";
import type { RulePapers } from "../rules/rule.ts";
import { dmarc, honest, policy, spf } from "../testing/samples.ts";
import { evidenceOfMessage, evidenceOfRefusal } from "./evidence.ts";
import { judge } from "./judge.ts";
import { outcomeOf } from "./message-outcome.ts";

const papers = (id: string): RulePapers => rules.find((rule) => rule.id === id) ?? assert.fail(id);

const refusals: readonly [string, EvidenceKind | undefined][] = [
  ["rdns.none", "misconfigured"],
  ["helo.not-a-name", "misconfigured"],
  ["sender.no-domain", "misconfigured"],
  ["helo.ours", "refused"],
  ["lists.css", "refused"],
  ["dmarc.reject", "refused"],
  ["client.denied", undefined],
  ["reputation.bad", undefined],
  ["defer.once", undefined],
  ["dmarc.temperror", undefined],
];
for (const [rule, kind] of refusals) {
  test(`evidenceOfRefusal: ${rule} is ${kind}`, () =>
    assert.equal(evidenceOfRefusal(papers(rule)), kind));
}

const evidenceIn = (facts: typeof honest, under = policy): EvidenceKind | undefined => {
  const judgement = judge(rules, facts, under);
  return evidenceOfMessage(judgement, outcomeOf(judgement, [], under), under);
};
const forged = { ...honest, dmarc: dmarc("fail", "reject"), dkim: [] };

test("evidenceOfMessage: accepted on its own merit is clean, refused is refused, in every mode", () => {
  for (const mode of ["enforce", "junk", "observe"] as const) {
    assert.equal(evidenceIn(honest, { ...policy, mode }), "clean", mode);
    assert.equal(evidenceIn(forged, { ...policy, mode }), "refused", mode);
  }
});

test("evidenceOfMessage: what only trust lets in is not clean, and junk is evidence of nothing", () => {
  const noName = {
    ...honest,
    reverseName: { status: "none" as const },
    fcrdns: "none" as const,
  };
  const credits = [{ source: "x", amount: 8, of: "connection" as const }];
  assert.equal(evidenceIn({ ...noName, credits }), undefined);
  assert.equal(evidenceIn(noName), "misconfigured");
  const quarantined = { ...honest, dmarc: dmarc("fail", "quarantine") };
  assert.equal(
    evidenceIn({ ...quarantined, spf: { mailfrom: spf("none"), helo: spf("none") } }),
    undefined,
  );
});

test("evidenceOfMessage: what users say of a sender does not make a message unclean", () => {
  const judgement = judge(rules, honest, policy);
  const [some] = judge(rules, { ...honest, fcrdns: "fail" }, policy).observations;
  assert.ok(some);
  const bad = { ...some, papers: papers("reputation.bad"), debt: 3 };
  const outcome = outcomeOf(judgement, [], policy);
  const at = (debt: number, badness: number) =>
    evidenceOfMessage({ ...judgement, debt, badness, observations: [bad] }, outcome, policy);
  assert.equal(at(6.5, 0), "clean");
  assert.equal(at(6.5, 1), "clean");
  assert.equal(at(7, 0), undefined);
});

test("evidenceOfMessage: a stranger who is in order otherwise does not stay one", () => {
  const judgement = judge(rules, honest, policy);
  const [some] = judge(rules, { ...honest, fcrdns: "fail" }, policy).observations;
  assert.ok(some);
  const strange = { ...some, papers: papers("stranger"), debt: 1 };
  const outcome = outcomeOf(judgement, [], policy);
  const at = (debt: number) =>
    evidenceOfMessage({ ...judgement, debt, observations: [strange] }, outcome, policy);
  assert.equal(at(4.5), "clean");
  assert.equal(at(5), undefined);
});
