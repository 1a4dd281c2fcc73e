import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Observation } from "@postern/filter-core";
import { parseDomain, parseIpAddress, parseMailbox } from "@postern/smtp-filter";
import { formatLogLine, type LogEntry } from "./log-line.ts";
import { name, reply, to } from "./testing/conversation-rig.ts";

function seen(rule: string, debt: number, decides: Observation["decides"] = null): Observation {
  return {
    ...{ rule, group: "auth", kind: "weighed", stage: "message", debt, cap: null },
    ...{ paidBy: "credit", inJunkMode: null, explanation: "", decides },
    papers: { voidedBy: [], evidence: "refused", firstRefusal: "permanent", restsOn: [] },
    ...{ reply: reply("550 no"), tellAt: "message", zone: "", url: "", operator: null },
  } as const;
}

const entry: LogEntry = {
  ...{ id: "a56ded3dd6cda8c2", mta: "postfix", stage: "message", address: null },
  ...{ reverseName: { status: "none" }, helo: null, from: null, to: [], action: "accept" },
  ...{ rule: null, debt: 0, credit: 0, observations: [], capped: 0, raised: 0, credits: [] },
  ...{ dmarc: undefined, queueId: null, messageId: null, result: null, mode: "enforce" },
  would: null,
};
const address = parseIpAddress("192.0.2.7") ?? assert.fail();
const author = parseDomain("example.com") ?? assert.fail();

for (const [title, change, behind] of [
  ["nothing to say", {}, "rules=-"],
  [
    "debts, and one that was cancelled",
    { observations: [seen("rdns.none", 10), seen("auth.none", 2.5), seen("tls.none", 0)] },
    "rules=rdns.none:10,auth.none:2.5",
  ],
  [
    "rules that decide by themselves",
    { observations: [seen("client.denied", 0, "refuse"), seen("score.low", 0, "junk")] },
    "rules=client.denied:refuse,score.low:junk",
  ],
  [
    "a sum that adds up",
    {
      observations: [seen("auth.none", 3), seen("dmarc.quarantine", 6)],
      ...{ capped: 3, raised: 1.5, credits: [{ source: "reputation.domain", amount: 4 }] },
    },
    "rules=auth.none:3,dmarc.quarantine:6 capped=3 raised=1.5 credits=reputation.domain:4",
  ],
  ["the dust of floating point", { capped: 1e-15, raised: 1e-15 }, "rules=-"],
  [
    "DMARC and its author",
    { dmarc: { result: "fail", policy: "reject", domain: author } },
    "rules=- dmarc=fail author=example.com",
  ],
  [
    "DMARC without one author",
    { dmarc: { result: "permerror", policy: null, domain: null } },
    "rules=- dmarc=permerror",
  ],
  [
    "names of the message",
    { queueId: "4fX1bQ0z9Xz9rV", messageId: " <1@example.com>\r\n" },
    "rules=- queue=4fX1bQ0z9Xz9rV message-id=<1@example.com>",
  ],
  [
    "names that would be fields of their own",
    { queueId: "x rules=-", messageId: "<a> mode=enforce\n0123 action=accept\xff" },
    "rules=- queue=x\\x20rules=- message-id=<a\\x3e\\x20mode=enforce\\x0a0123\\x20action=accept\\xff>",
  ],
  [
    "names without end",
    { queueId: "q".repeat(9_999), messageId: `<${"m".repeat(9_999)}>` },
    `rules=- queue=${"q".repeat(128)} message-id=<${"m".repeat(128)}>`,
  ],
  [
    "what enforce would do, at the end",
    { observations: [seen("rdns.none", 10)], would: "reject", mode: "observe" },
    "rules=rdns.none:10 would=reject mode=observe",
  ],
] as const) {
  test(`formatLogLine: ${title}`, () => {
    const line = formatLogLine({ ...entry, ...change } as LogEntry);
    assert.equal(line.split(' result="250" ')[1], behind);
  });
}

test("formatLogLine: the first fields are as they were", () => {
  assert.equal(
    formatLogLine({ ...entry, reverseName: { status: "found", value: name } }),
    'a56ded3dd6cda8c2 postfix message rdns=mail.example.com action=accept rule=- debt=0 credit=0 result="250" rules=-',
  );
});

test("formatLogLine: docs/log.md explains every field", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/log.md"), "utf8");
  const line = formatLogLine({
    ...entry,
    ...{
      helo: "x",
      from: "null-sender",
      to: [to],
      capped: 1,
      raised: 1,
      queueId: "q",
      messageId: "m",
    },
    ...{ credits: [{ source: "reputation.domain", amount: 4, of: "message" }], mode: "observe" },
    ...{ dmarc: { result: "pass", policy: null, domain: author }, would: "accept", address },
  });
  const fields = [...line.matchAll(/ ([a-z-]+)=/g)].map(([, field = ""]) => field);
  assert.ok(fields.length >= 20, line);
  for (const field of [...fields, "time"]) assert.ok(page.includes(`\`${field}\``), field);
});

const long = (length: number) => parseMailbox(`<${"x".repeat(length)}@example.com>`);
for (const [title, change, kept] of [
  [
    "100 recipients",
    { to: Array.from({ length: 100 }, () => long(30)) },
    / to=<x+@example\.com>(,<x+@example\.com>){10,},\+\d\d action=/,
  ],
  ["one recipient without end", { to: [long(60_000)] }, / to=<x+\.\.\.> action=/],
  [
    "everything without end, and bytes that take four characters",
    {
      ...{ helo: "\xff".repeat(60_000), from: long(60_000), to: [long(9_999), long(9_999)] },
      reverseName: { status: "found", value: "\xff".repeat(250) },
      ...{ queueId: "q".repeat(999), messageId: `<${"\xff".repeat(999)}>` },
    },
    / helo=(\\xff)+\.\.\. from=<x+\.\.\.> to=<x+\.\.\.>,\+1 action=/,
  ],
] as const) {
  test(`formatLogLine: ${title}: at most 1 KiB, and what was decided stays`, () => {
    const line = formatLogLine({
      ...{ ...entry, ...change, observations: [seen("rdns.none", 10)], result: "550 5.7.25 no" },
      ...{ action: "reject", rule: "rdns.none" },
    } as LogEntry);
    assert.ok(line.length <= 1_024, `${line.length}`);
    assert.match(line, kept);
    assert.match(
      line,
      / action=reject rule=rdns\.none .* result="550 5\.7\.25 no" rules=rdns\.none:10/,
    );
  });
}
