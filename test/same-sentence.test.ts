import assert from "node:assert/strict";
import { test } from "node:test";
import { formatResult } from "@postern/opensmtpd-adapter";
import { type Answer, refusal } from "@postern/smtp-filter";

test("OpenSMTPD is told the same sentence as the log has", () => {
  const answer: Answer = { kind: "refuse", reply: refusal(550, "5.7.1", "no") };
  const result = formatResult("7641df97", "a1", answer);
  assert.equal(result, "filter-result|7641df97|a1|reject|550 5.7.1 no\n");
  const proceed = formatResult("7641df97", "a1", { kind: "continue" });
  assert.equal(proceed, "filter-result|7641df97|a1|proceed\n");
});
