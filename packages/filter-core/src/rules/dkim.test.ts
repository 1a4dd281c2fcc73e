import assert from "node:assert/strict";
import { test } from "node:test";
import type { DkimFact } from "../facts/authentication.ts";
import { honest, signature } from "../testing/samples.ts";
import { findingsOf, idsSeen } from "../testing/seen.ts";
import { dkimRules } from "./dkim.ts";

const changed = signature({ result: "fail", reason: "the body was changed after signing" });

const cases: readonly [string, readonly DkimFact[], readonly string[]][] = [
  ["no signature", [], []],
  ["a signature that passes", [signature()], []],
  ["the only one has another body", [changed], ["dkim.body-changed"]],
  [
    "the only one has another header",
    [signature({ result: "fail", reason: "the signed header was changed after signing" })],
    [],
  ],
  [
    "the only one is not known",
    [signature({ result: "temperror", reason: "the key server does not answer" })],
    [],
  ],
  ["one of two, and the other passes", [changed, signature()], []],
  ["one of two, and the other is not known", [changed, signature({ result: "temperror" })], []],
];
for (const [name, dkim, ids] of cases) {
  test(`dkim.body-changed: ${name}`, () =>
    assert.deepEqual(idsSeen(dkimRules, { ...honest, dkim }), ids));
}

test("dkim.body-changed: nothing where no signature is looked at", () => {
  const { dkim: _, ...facts } = honest;
  assert.deepEqual(idsSeen(dkimRules, facts), []);
});

test("dkim.body-changed: names the signer", () => {
  assert.equal(
    findingsOf(dkimRules, { ...honest, dkim: [changed] }).get("dkim.body-changed")?.explanation,
    "the body was changed after the signature of example.com was made",
  );
});
