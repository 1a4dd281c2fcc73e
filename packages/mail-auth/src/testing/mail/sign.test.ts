import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { sealMessage } from "./seal.ts";
import type { Canonicalization, KeyKind, SignOptions } from "./sign.ts";
import { signMessage, testKey } from "./sign.ts";

/* The signers are checked with mailauth, which is not ours. What mailauth is then asked elsewhere rests on this. */

const require = createRequire(import.meta.url);
const { dkimVerify } = require("mailauth/lib/dkim/verify");
const { arc } = require("mailauth/lib/arc");

const FOLDED = "A subject\r\n\t that is  folded ";
const MESSAGE = [
  "From: Ann <ann@example.com>",
  "to:bob@example.org",
  `Subject: ${FOLDED}`,
  "Date: Tue, 24 Nov 2026 12:00:00 +0000",
  "Message-ID: <1@example.com>",
  "",
  "Two  blanks, a\ttab, trailing \t ",
  "",
  " \xe9 in latin1",
  "",
  "",
  "",
].join("\r\n");

const CANONICALIZATIONS: readonly Canonicalization[] = [
  "relaxed/relaxed",
  "relaxed/simple",
  "simple/relaxed",
  "simple/simple",
];
const KINDS: readonly KeyKind[] = ["rsa-1024", "rsa-2048", "rsa-4096", "ed25519"];

const resolver = async (name: string, type: string): Promise<string[][]> => {
  const kind = KINDS.concat("rsa-512").find((one) => name === `${one}._domainkey.example.com`);
  if (kind !== undefined && type === "TXT") return [[testKey(kind).record]];
  throw Object.assign(new Error(`no ${type} of ${name}`), { code: "ENOTFOUND" });
};

interface DkimStatus {
  readonly result: string;
  readonly comment?: string;
  readonly underSized?: number;
}

async function verify(message: string): Promise<DkimStatus> {
  const raw = Buffer.from(message, "latin1");
  const { results } = await dkimVerify(raw, { resolver, strict: true });
  assert.equal(results.length, 1);
  return results[0].status;
}

function signed(kind: KeyKind, more: Partial<SignOptions> = {}, message = MESSAGE): string {
  const key = testKey(kind);
  return signMessage(message, { domain: "example.com", selector: kind, key, ...more });
}

for (const kind of KINDS) {
  for (const canonicalization of CANONICALIZATIONS) {
    test(`signMessage: ${kind}, ${canonicalization}`, async () => {
      const message = signed(kind, { canonicalization });
      assert.equal((await verify(message)).result, "pass");
      assert.equal((await verify(message.replace("Two", "Tow"))).result, "fail");
      assert.notEqual((await verify(message.replace("A subject", "B subject"))).result, "pass");
    });
  }
}

test("signMessage: relaxed survives other blanks, simple does not", async () => {
  const others = (text: string): string =>
    text.replace("to:bob", "To: bob").replace("Two  blanks", "Two blanks");
  for (const canonicalization of CANONICALIZATIONS) {
    const { result } = await verify(others(signed("rsa-2048", { canonicalization })));
    assert.equal(result, canonicalization === "relaxed/relaxed" ? "pass" : "fail");
  }
});

for (const [name, body] of [
  ["without a body", ""],
  ["with a body of empty lines", "\r\n\r\n"],
  ["with a body without a last line end", "end"],
] as const) {
  test(`signMessage: ${name}`, async () => {
    const message = MESSAGE.slice(0, MESSAGE.indexOf("\r\n\r\n") + 4) + body;
    for (const canonicalization of CANONICALIZATIONS) {
      const { result } = await verify(signed("ed25519", { canonicalization }, message));
      assert.equal(result, "pass", canonicalization);
    }
  });
}

test("signMessage: l= leaves the rest unsigned", async () => {
  const message = signed("rsa-2048", { bodyLength: 10 });
  assert.match(message, /;\r\n\tl=10;/);
  assert.equal((await verify(message)).result, "pass");
  const appended = await verify(`${message}appended\r\n`);
  assert.equal(appended.result, "pass");
  assert.ok((appended.underSized ?? 0) > 0);
  assert.equal((await verify(message.replace("Two", "Tow"))).result, "fail");
});

test("signMessage: t=, x=, i= and tags of one's own", async () => {
  const times = { timestamp: 1_700_000_000, expires: 4_000_000_000, identity: "@news.example.com" };
  const good = signed("rsa-2048", { ...times, extraTags: "q=dns/txt; z=From:ann" });
  assert.equal((await verify(good)).result, "pass");
  const { result, comment } = await verify(
    signed("rsa-2048", { ...times, expires: 1_700_000_001 }),
  );
  assert.deepEqual({ result, comment }, { result: "neutral", comment: "expired" });
});

test("signMessage: h= takes fields from the bottom and may name what is not there", async () => {
  const headers = ["From", "From", "Subject"];
  const message = signed("rsa-2048", { headers });
  assert.equal((await verify(message)).result, "pass");
  assert.notEqual((await verify(`From: eve@example.net\r\n${message}`)).result, "pass");
  const once = signed("rsa-2048", { headers: ["From"] });
  assert.equal((await verify(`From: eve@example.net\r\n${once}`)).result, "pass");
});

test("signMessage: rsa-sha1 and a key of 512 bits are well formed", async () => {
  const weak = [signed("rsa-1024", { algorithm: "rsa-sha1" }), signed("rsa-512")];
  for (const message of weak) assert.equal((await verify(message)).result, "policy");
});

test("testKey: the same key each time, and written down ones", () => {
  assert.equal(testKey("rsa-1024"), testKey("rsa-1024"));
  assert.match(testKey("ed25519").record, /^v=DKIM1; k=ed25519; p=[\w+/]{43}=$/);
});

for (const count of [1, 3, 5]) {
  for (const kind of ["rsa-2048", "ed25519"] as const) {
    test(`sealMessage: a chain of ${count}, ${kind}`, async () => {
      let message = signed(kind);
      for (let hop = 1; hop <= count; hop += 1) message = sealed(message, kind, hop);
      assert.deepEqual(await chain(message), { result: "pass", count });
      assert.equal((await chain(message.replace("hop1.example", "hip1.example"))).result, "fail");
      assert.equal((await chain(message.replace("Two", "Tow"))).result, "fail");
    });
  }
}

test("sealMessage: says that the chain had failed", async () => {
  const first = sealed(signed("rsa-2048"), "rsa-2048", 1).replace("cv=none", "cv=pass");
  const key = testKey("rsa-2048");
  const message = sealMessage(first, {
    ...{ domain: "example.com", selector: "rsa-2048", key, chainValidation: "fail" },
    authenticationResults: "hop2.example; arc=fail",
  });
  assert.match(message, /^ARC-Seal: i=2;.* cv=fail;/);
  assert.equal((await chain(message)).result, "fail");
});

function sealed(message: string, kind: KeyKind, hop: number): string {
  return sealMessage(message, {
    ...{ domain: "example.com", selector: kind, key: testKey(kind), timestamp: 1_700_000_000 },
    authenticationResults: `hop${hop}.example; dkim=pass header.d=example.com`,
  });
}

/** mailauth's own `authenticate` does these two steps; it cannot be loaded without its BIMI packages. */
async function chain(message: string): Promise<{ result: string; count: number }> {
  const options = { resolver, strict: true };
  const verified = await dkimVerify(Buffer.from(message, "latin1"), options);
  const { status, i } = await arc(verified.arc, options);
  return { result: status.result, count: i ?? 0 };
}
