import assert from "node:assert/strict";
import { test } from "node:test";
import { resolverOf } from "@postern/dns";
import { fakeClock } from "@postern/smtp-filter/testing";
import { MessageCheck, type MessageResults } from "./message-check.ts";
import { QUESTIONS } from "./question-budget.ts";
import { NO_SPF } from "./testing/check-mail.ts";
import { type HostileMessage, hostileMessages, hostileRecord } from "./testing/mail/hostile.ts";

/*
 * Messages made to cost time, or to be taken for what they are not. How long they hold up others is measured by
 * `npm run bench -- hostile`; here is what they may not get.
 */
const VICTIM = "example.com";

async function check(message: HostileMessage): Promise<{
  readonly found: MessageResults;
  readonly questions: readonly string[];
}> {
  const questions: string[] = [];
  const resolver = resolverOf(async (name, type) => {
    questions.push(`${type} ${name}`);
    const record = type === "TXT" ? hostileRecord(name) : undefined;
    return record === undefined
      ? { status: "none", reason: "nxdomain" }
      : { status: "found", value: [record] };
  });
  const checked = new MessageCheck({ resolver, clock: fakeClock() });
  const { headers, body } = message.make();
  for (const [name, value] of headers)
    checked.header(Buffer.from(name, "latin1"), Buffer.from(value, "latin1"));
  for (const chunk of body) checked.body(chunk);
  return { found: await checked.end(NO_SPF), questions };
}

for (const message of hostileMessages) {
  test(`hostile: ${message.id}: ${message.description}`, async () => {
    const { found, questions } = await check(message);
    for (const claim of message.mustNotPass)
      assert.ok(!passes(found, claim), JSON.stringify(found));
    const keys = questions.filter((question) => question.includes("_domainkey"));
    assert.ok(keys.length <= QUESTIONS.keys, keys.join("\n"));
    assert.ok(questions.length - keys.length <= QUESTIONS.dmarc);
    assert.ok(found.dkim.length <= 10);
    assert.ok(found.dkim.filter(({ reason }) => !reason?.includes("more signatures")).length <= 10);
  });
}

function passes(
  { dkim, arc, dmarc }: MessageResults,
  claim: HostileMessage["mustNotPass"][number],
): boolean {
  switch (claim) {
    case "dkim":
      return dkim.some(({ result }) => result === "pass");
    case "arc":
      return arc.result === "pass";
    case "dmarc":
      return dmarc?.result === "pass";
    case "dmarc-for-victim":
      return dmarc?.result === "pass" && dmarc.domain === VICTIM;
  }
}
