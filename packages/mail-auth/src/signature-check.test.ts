import assert from "node:assert/strict";
import { test } from "node:test";
import type { DkimReason, DkimResult } from "@postern/filter-core";
import { checkMail, NOW_S } from "./testing/check-mail.ts";
import { type SignOptions, signMessage, testKey } from "./testing/mail/sign.ts";

const rsa = testKey("rsa-2048");
const ed = testKey("ed25519");
const plain = [
  "From: Alice <alice@example.com>",
  "To: bob@example.org",
  "Subject: hello",
  "Date: Tue, 24 Nov 2026 11:59:00 +0000",
  "Message-ID: <1@example.com>",
  "",
  "Hello,  Bob. \r\n\r\nThat is all.\r\n\r\n",
].join("\r\n");
const options: SignOptions = { domain: "example.com", selector: "s", key: rsa };
const keyAt = (record: unknown) => ({ "s._domainkey.example.com": record });
const published = keyAt({ TXT: [rsa.record] });
const signed = signMessage(plain, options);

interface Case {
  readonly name: string;
  readonly message: string;
  readonly dns?: Readonly<Record<string, unknown>>;
  readonly result: DkimResult;
  readonly reason: DkimReason | null;
}

const cases: readonly Case[] = [
  { name: "RSA", message: signed, result: "pass", reason: null },
  {
    name: "Ed25519",
    message: signMessage(plain, { ...options, key: ed }),
    dns: keyAt({ TXT: [ed.record] }),
    result: "pass",
    reason: null,
  },
  {
    name: "simple/simple",
    message: signMessage(plain, { ...options, canonicalization: "simple/simple" }),
    result: "pass",
    reason: null,
  },
  {
    name: "body changed",
    message: `${signed}more\r\n`,
    result: "fail",
    reason: "the body was changed after signing",
  },
  {
    name: "header changed",
    message: signed.replace("Subject: hello", "Subject: buy"),
    result: "fail",
    reason: "the signed header was changed after signing",
  },
  {
    name: "key missing",
    message: signed,
    dns: {},
    result: "permerror",
    reason: "there is no key at the selector",
  },
  {
    name: "key revoked",
    message: signed,
    dns: keyAt({ TXT: ["v=DKIM1; p="] }),
    result: "fail",
    reason: "the key was revoked",
  },
  {
    name: "key weak",
    message: signMessage(plain, { ...options, key: testKey("rsa-512") }),
    dns: keyAt({ TXT: [testKey("rsa-512").record] }),
    result: "policy",
    reason: "the key is too short",
  },
  {
    name: "several keys",
    message: signed,
    dns: keyAt({ TXT: [rsa.record, rsa.record] }),
    result: "permerror",
    reason: "the selector has several key records",
  },
  {
    name: "key of another kind",
    message: signed,
    dns: keyAt({ TXT: [ed.record] }),
    result: "permerror",
    reason: "the key is not for this algorithm",
  },
  {
    name: "key not for mail",
    message: signed,
    dns: keyAt({ TXT: [`${rsa.record}; s=tlsrpt`] }),
    result: "permerror",
    reason: "the key is not for mail",
  },
  {
    name: "key server times out",
    message: signed,
    dns: keyAt("timeout"),
    result: "temperror",
    reason: "the key server does not answer",
  },
  {
    name: "key server fails",
    message: signed,
    dns: keyAt({ TXT: "servfail" }),
    result: "temperror",
    reason: "the key server does not answer",
  },
  {
    name: "expired",
    message: signMessage(plain, { ...options, timestamp: NOW_S - 900, expires: NOW_S - 1 }),
    result: "fail",
    reason: "the signature has expired",
  },
  {
    name: "not expired",
    message: signMessage(plain, { ...options, timestamp: NOW_S - 900, expires: NOW_S + 1 }),
    result: "pass",
    reason: null,
  },
  {
    name: "dated two hours ahead",
    message: signMessage(plain, { ...options, timestamp: NOW_S + 7_200 }),
    result: "fail",
    reason: "the signature is dated in the future",
  },
  {
    name: "l= covers the whole body",
    message: signMessage(plain, { ...options, bodyLength: 29 }),
    result: "pass",
    reason: null,
  },
  {
    name: "l= and something appended",
    message: `${signMessage(plain, { ...options, bodyLength: 29 })}appended\r\n`,
    result: "policy",
    reason: "the signature leaves a part of the body unsigned",
  },
  {
    name: "l=0",
    message: signMessage(plain, { ...options, bodyLength: 0 }),
    result: "policy",
    reason: "the signature leaves a part of the body unsigned",
  },
  {
    name: "l= larger than the body",
    message: signMessage(plain, { ...options, bodyLength: 1_000 }),
    result: "permerror",
    reason: "the signature claims more body than there is",
  },
  {
    name: "sha1",
    message: signMessage(plain, { ...options, algorithm: "rsa-sha1" }),
    result: "policy",
    reason: "the algorithm is too weak",
  },
  {
    name: "From not signed",
    message: signMessage(plain, { ...options, headers: ["Subject", "To"] }),
    result: "permerror",
    reason: "the signature does not cover From",
  },
  {
    name: "i= of another domain",
    message: signMessage(plain, { ...options, identity: "@example.net" }),
    result: "permerror",
    reason: "the identity is not of the signing domain",
  },
  {
    name: "an algorithm nobody knows",
    message: signed.replace("a=rsa-sha256", "a=rsa-md5"),
    result: "permerror",
    reason: "the algorithm is unknown",
  },
  {
    name: "a tag twice",
    message: signMessage(plain, { ...options, extraTags: "d=example.net" }),
    result: "permerror",
    reason: "the signature cannot be read",
  },
  {
    name: "a second Subject on top",
    message: `Subject: buy\r\n${signed}`,
    result: "policy",
    reason: "a field that may stand once stands again, unsigned",
  },
  {
    name: "a second Subject on top of one that is signed twice",
    message: `Subject: buy\r\n${signMessage(plain, { ...options, headers: ["From", "Subject", "Subject"] })}`,
    result: "fail",
    reason: "the signed header was changed after signing",
  },
  {
    name: "61 blanks in a row are no attack, 201 are",
    message: signed.replace("c=relaxed", `${" ".repeat(201)}c=relaxed`),
    result: "permerror",
    reason: "the signature cannot be read",
  },
];

for (const { name, message, dns = published, result, reason } of cases) {
  test(`DKIM: ${name}`, async () => {
    for (const cut of [65_535, 1, 7]) {
      const { found } = await checkMail(message, dns, undefined, cut);
      const [signature, ...others] = found.dkim;
      assert.deepEqual(
        { result: signature?.result, reason: signature?.reason, others },
        { result, reason, others: [] },
      );
    }
  });
}

test("DKIM: an unsigned message asks no keys and has no signatures", async () => {
  const { found, questions } = await checkMail(plain, {});
  assert.deepEqual(found.dkim, []);
  assert.ok(!questions.some((question) => question.includes("_domainkey")));
});

test("DKIM: of two signatures one may break", async () => {
  const twice = signMessage(signed, { ...options, domain: "list.example", key: ed });
  const dns = { ...published, "s._domainkey.list.example": { TXT: [ed.record] } };
  const { found } = await checkMail(twice.replace("Subject: hello", "Subject: [list] hello"), dns);
  assert.deepEqual(
    found.dkim.map(({ domain, result }) => [domain, result]),
    [
      ["example.com", "fail"],
      ["list.example", "fail"],
    ],
  );
  const relayed = signMessage(signed.replace("Subject: hello", "Subject: [list] hello"), {
    ...options,
    domain: "list.example",
    key: ed,
  });
  assert.deepEqual(
    (await checkMail(relayed, dns)).found.dkim.map(({ domain, result }) => [domain, result]),
    [
      ["example.com", "fail"],
      ["list.example", "pass"],
    ],
  );
});

test("DKIM: five signatures are verified, the author's first; five more are named; keys are asked once", async () => {
  let message = signed;
  for (let n = 0; n < 30; n += 1)
    message = signMessage(message, { ...options, domain: `d${n}.example`, key: ed });
  const { found, questions } = await checkMail(message, published);
  assert.equal(found.dkim.length, 10);
  assert.deepEqual([found.dkim[0]?.domain, found.dkim[0]?.result], ["example.com", "pass"]);
  assert.equal(found.dkim.filter(({ reason }) => reason?.includes("more signatures")).length, 5);
  assert.equal(questions.filter((question) => question.includes("_domainkey")).length, 5);
});

test("DKIM: at most four body hashes", async () => {
  let message = plain;
  for (let n = 0; n < 5; n += 1) message = signMessage(message, { ...options, bodyLength: n });
  const { found } = await checkMail(message, published);
  assert.equal(found.dkim.filter(({ reason }) => reason?.includes("more signatures")).length, 1);
  assert.ok(found.dkim.every(({ result }) => result === "policy"));
});

test("DKIM: a header too large to be checked is no pass", async () => {
  const { found } = await checkMail(`X-Filler: ${"x".repeat(300_000)}\r\n${signed}`, published);
  assert.deepEqual(
    found.dkim.map(({ result, reason }) => [result, reason]),
    [["permerror", "the header is too large to be checked"]],
  );
});
