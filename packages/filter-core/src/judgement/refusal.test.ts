import assert from "node:assert/strict";
import { test } from "node:test";
import { STAGES, type Stage } from "../facts/stage.ts";
import { rules } from "../rules/all.ts";
import { honest, policy } from "../testing/samples.ts";
import { judge } from "./judge.ts";
import { refusalAt, toldAt } from "./refusal.ts";

test("toldAt: qmail asks at connect and at the end, and never between", () => {
  const at = (tellAt: Stage) => toldAt({ tellAt }, "notqmail");
  assert.deepEqual(STAGES.map(at), ["connect", "message", "message", "message", "message"]);
});

const nameless = { ...honest, reverseName: { status: "none" }, fcrdns: "none" } as const;

test("refusalAt: to notqmail nothing is refused at MAIL or RCPT, where nobody would hear it", () => {
  const judgement = judge(rules, nameless, policy);
  const treatment = { mode: "enforce", door: "guarded" } as const;
  for (const stage of ["connect", "helo", "mail", "rcpt"] as const)
    assert.equal(refusalAt(stage, judgement, "notqmail", treatment), null);
  assert.equal(refusalAt("rcpt", judgement, "postfix", treatment)?.rule, "rdns.none");
});
