import assert from "node:assert/strict";
import { test } from "node:test";
import type { DmarcFact, SpfFacts } from "@postern/filter-core";
import { checkMail } from "./testing/check-mail.ts";
import { signMessage, testKey } from "./testing/mail/sign.ts";

const rsa = testKey("rsa-2048");
const plain = [
  "From: Alice <alice@example.com>",
  "Subject: hello",
  "Date: Tue, 24 Nov 2026 11:59:00 +0000",
  "",
  "Hello,  Bob. \r\n\r\nThat is all.\r\n\r\n",
].join("\r\n");
const keyAt = (record: unknown) => ({ "s._domainkey.example.com": record });
const published = keyAt({ TXT: [rsa.record] });
const signed = signMessage(plain, { domain: "example.com", selector: "s", key: rsa });
const record = (text: string) => ({ "_dmarc.example.com": { TXT: [text] } });
const spf = (result: SpfFacts["mailfrom"]["result"], domain: string): SpfFacts => ({
  mailfrom: { result, domain: domain as never, permits: "some" },
  helo: { result: "none", domain: null, permits: "some" },
});

interface DmarcCase {
  readonly name: string;
  readonly message: string;
  readonly dns: Readonly<Record<string, unknown>>;
  readonly sender?: SpfFacts;
  readonly result: DmarcFact["result"];
  readonly policy: DmarcFact["policy"];
}

const dmarcCases: readonly DmarcCase[] = [
  { name: "none", message: plain, dns: {}, result: "none", policy: null },
  {
    name: "pass by DKIM only",
    message: signed,
    dns: { ...published, ...record("v=DMARC1; p=reject") },
    result: "pass",
    policy: "reject",
  },
  {
    name: "pass by SPF only",
    message: plain,
    dns: record("v=DMARC1; p=quarantine"),
    sender: spf("pass", "bounce.example.com"),
    result: "pass",
    policy: "quarantine",
  },
  {
    name: "fail",
    message: plain,
    dns: record("v=DMARC1; p=reject"),
    sender: spf("pass", "attacker.example"),
    result: "fail",
    policy: "reject",
  },
  {
    name: "an aligned SPF result that is not known",
    message: plain,
    dns: record("v=DMARC1; p=reject"),
    sender: spf("temperror", "example.com"),
    result: "temperror",
    policy: "reject",
  },
  {
    name: "an SPF result that is not known, of somebody else",
    message: plain,
    dns: record("v=DMARC1; p=reject"),
    sender: spf("temperror", "attacker.example"),
    result: "fail",
    policy: "reject",
  },
  {
    name: "a key that is not known",
    message: signed,
    dns: { ...keyAt("timeout"), ...record("v=DMARC1; p=reject") },
    result: "temperror",
    policy: "reject",
  },
  {
    name: "a record that is not known",
    message: plain,
    dns: { "_dmarc.example.com": "timeout" },
    result: "temperror",
    policy: null,
  },
  {
    name: "sp of the parent",
    message: plain.replace("alice@example.com", "alice@sub.example.com"),
    dns: {
      ...record("v=DMARC1; p=reject; sp=quarantine"),
      "sub.example.com": { A: ["192.0.2.1"] },
    },
    result: "fail",
    policy: "quarantine",
  },
  {
    name: "np of the parent",
    message: plain.replace("alice@example.com", "alice@nowhere.example.com"),
    dns: record("v=DMARC1; p=none; sp=none; np=reject"),
    result: "fail",
    policy: "reject",
  },
  {
    name: "t=y asks for one step less",
    message: plain,
    dns: record("v=DMARC1; p=reject; t=y"),
    result: "fail",
    policy: "quarantine",
  },
  {
    name: "two authors",
    message: plain.replace("From: Alice", "From: eve@attacker.example, Alice"),
    dns: record("v=DMARC1; p=reject"),
    result: "permerror",
    policy: null,
  },
  {
    name: "two From fields",
    message: `From: eve@attacker.example\r\n${signed}`,
    dns: { ...published, ...record("v=DMARC1; p=reject") },
    result: "permerror",
    policy: null,
  },
  {
    name: "two records are none",
    message: plain,
    dns: { "_dmarc.example.com": { TXT: ["v=DMARC1; p=reject", "v=DMARC1; p=none"] } },
    result: "none",
    policy: null,
  },
];

for (const { name, message, dns, sender, result, policy } of dmarcCases) {
  test(`DMARC: ${name}`, async () => {
    const { found } = await checkMail(message, dns, sender);
    assert.deepEqual([found.dmarc?.result, found.dmarc?.policy], [result, policy]);
  });
}
