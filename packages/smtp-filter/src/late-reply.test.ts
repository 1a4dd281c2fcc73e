import assert from "node:assert/strict";
import { test } from "node:test";
import { replyFromMail } from "./late-reply.ts";
import { formatReply, refusal } from "./reply.ts";

for (const { name, code, enhanced, ends, told } of [
  { name: "421 stays", code: 421, enhanced: "4.7.0", ends: undefined, told: "451 4.7.0 no" },
  { name: "521 stays", code: 521, enhanced: "5.7.1", ends: undefined, told: "550 5.7.1 no" },
  { name: "no enhanced code", code: 421, enhanced: null, ends: undefined, told: "451 no" },
  { name: "others are told as they are", code: 554, enhanced: "5.7.1", told: "554 5.7.1 no" },
  {
    name: "the session is meant",
    code: 421,
    enhanced: "4.7.0",
    ends: "session",
    told: "421 4.7.0 no",
  },
] as const) {
  test(`replyFromMail: ${name}`, () => {
    const reply = refusal(code, enhanced, "no");
    const answer = { kind: "refuse", reply, ...(ends === undefined ? {} : { ends }) } as const;
    assert.equal(formatReply(replyFromMail(answer)), told);
  });
}
