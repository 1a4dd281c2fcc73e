import assert from "node:assert/strict";
import { test } from "node:test";
import { formatReply, refusal, withDecisionId } from "./reply.ts";

const ID = "a56ded3dd6cda8c2";

for (const [name, text, told] of [
  ["a sentence", "message rejected", `550 5.7.1 message rejected [${ID}]`],
  ["one that names the id already", `rejected, see ${ID}`, `550 5.7.1 rejected, see ${ID}`],
  ["one as long as may be", "x".repeat(400), `550 5.7.1 ${"x".repeat(381)} [${ID}]`],
] as const) {
  test(`withDecisionId: ${name}`, () => {
    assert.equal(formatReply(withDecisionId(refusal(550, "5.7.1", text), ID)), told);
  });
}
