import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { DkimReason } from "@postern/filter-core";
import fc from "fast-check";
import { checkKeyRecord } from "./key-record.ts";

const require = createRequire(import.meta.url);
const { getPublicKey } = require("mailauth/lib/tools");

/** RFC 8463 appendix A.2. */
const RFC_ED25519 = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const RSA =
  "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";
const RFC_RSA = `v=DKIM1; k=rsa; p=${RSA}`;
const ED25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

const publicKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
const PKCS1 = publicKey.export({ type: "pkcs1", format: "der" }).toString("base64");
const PEM = publicKey.export({ type: "spki", format: "pem" }).toString();
const folded = RSA.replace(/.{50}/g, "$&\r\n\t ");

const good: readonly { name: string; records: readonly string[]; record: string }[] = [
  { name: "RFC 8463, Ed25519", records: [RFC_ED25519], record: RFC_ED25519 },
  { name: "RFC 8463, RSA", records: [RFC_RSA], record: RFC_RSA },
  { name: "p= alone", records: [`p=${RSA}`], record: `p=${RSA}` },
  { name: "a semicolon at the end", records: [`p=${RSA}; \t`], record: `p=${RSA}` },
  { name: "PKCS#1", records: [`p=${PKCS1}`], record: `p=${PKCS1}` },
  {
    name: "blanks everywhere",
    records: [` v = DKIM1 ;\tk =\r\n rsa;p = ${folded} ; `],
    record: RFC_RSA,
  },
  {
    name: "no padding",
    records: [`k=ed25519; p=${ED25519.slice(0, -1)}`],
    record: `k=ed25519; p=${ED25519}`,
  },
  { name: "k= in capitals", records: [`k=RSA; p=${RSA}`], record: `k=RSA; p=${RSA}` },
  { name: "v= with blanks", records: [`v= DKIM1 ; p=${RSA}`], record: `v=DKIM1; p=${RSA}` },
  {
    name: "what restricts it stays, in its order",
    records: [`v=DKIM1; t=y : s; p=${RSA}; s=email; h=sha256`],
    record: `v=DKIM1; t=y:s; p=${RSA}; s=email; h=sha256`,
  },
  {
    name: "notes and unknown tags go",
    records: [`v=DKIM1; n=caf\xe9 = \x01; P=abc; K=x; x_1=; p=${RSA}`],
    record: `v=DKIM1; p=${RSA}`,
  },
  {
    name: "beside records of another kind",
    records: ["v=spf1 -all", "", RFC_RSA, "k=rsa; q=p=1"],
    record: RFC_RSA,
  },
];

for (const { name, records, record } of good) {
  test(`checkKeyRecord: ${name}`, async () => {
    assert.deepEqual(checkKeyRecord(records), { ok: true, record });
    // The verifier finds the same key in it, strict as we run it.
    const options = { strict: true, hashAlgo: "sha256" };
    const { keyType, warnings } = await getPublicKey("DKIM", "a", 1024, () => [[record]], options);
    assert.equal(keyType, /k=ed25519/.test(record) ? "ed25519" : "rsa");
    assert.deepEqual(warnings, []);
  });
}

const BROKEN: DkimReason = "the key record is broken";
const REVOKED: DkimReason = "the key was revoked";
const SEVERAL: DkimReason = "the selector has several key records";
const OTHER: DkimReason = "the key is not for this algorithm";

const bad: readonly { name: string; records: readonly string[]; reason: DkimReason }[] = [
  { name: "no record", records: [], reason: BROKEN },
  { name: "an empty record", records: [""], reason: BROKEN },
  { name: "no p=", records: ["v=DKIM1; k=rsa"], reason: BROKEN },
  { name: "P= for p=", records: [`v=DKIM1; P=${RSA}`], reason: BROKEN },
  { name: "two keys", records: [RFC_RSA, RFC_ED25519], reason: SEVERAL },
  { name: "the same key twice", records: [RFC_RSA, RFC_RSA], reason: SEVERAL },
  { name: "a key and a revoked one", records: ["p=", RFC_RSA], reason: SEVERAL },
  { name: "a key and a broken one", records: [RFC_RSA, "foo; p =bar"], reason: SEVERAL },
  { name: "two records run together", records: [RFC_RSA + RFC_RSA], reason: BROKEN },
  { name: "revoked", records: ["v=DKIM1; p="], reason: REVOKED },
  { name: "revoked, with blanks", records: ["v=DKIM1; k=foo; p= \t ;"], reason: REVOKED },
  { name: "p= twice", records: [`p=${RSA}; p=${RSA}`], reason: BROKEN },
  { name: "p= twice, one empty", records: [`p=; p=${RSA}`], reason: BROKEN },
  { name: "k= twice", records: [`k=rsa; k=rsa; p=${RSA}`], reason: BROKEN },
  { name: "an unknown tag twice", records: [`x=1; x=1; p=${RSA}`], reason: BROKEN },
  { name: "v=DKIM2", records: [`v=DKIM2; p=${RSA}`], reason: BROKEN },
  { name: "v=dkim1", records: [`v=dkim1; p=${RSA}`], reason: BROKEN },
  { name: "v= empty", records: [`v=; p=${RSA}`], reason: BROKEN },
  { name: "v= not first", records: [`p=${RSA}; v=DKIM1`], reason: BROKEN },
  { name: "v= with a no-break space", records: [`v=DKIM1\xa0; p=${RSA}`], reason: BROKEN },
  { name: "a DMARC record", records: ["v=DMARC1; p=none"], reason: BROKEN },
  { name: "an empty tag within", records: [`v=DKIM1;; p=${RSA}`], reason: BROKEN },
  { name: "a word that is no tag", records: [`v=DKIM1; rsa; p=${RSA}`], reason: BROKEN },
  { name: "a tag name with a hyphen", records: [`v=DKIM1; a-b=c; p=${RSA}`], reason: BROKEN },
  { name: "a tag without a name", records: [`=x; p=${RSA}`], reason: BROKEN },
  { name: "8-bit in a tag that counts", records: [`s=em\xa0ail; p=${RSA}`], reason: BROKEN },
  { name: "quotes around it", records: [`"v=DKIM1; p=${RSA}"`], reason: BROKEN },
  { name: "PEM armour", records: [`v=DKIM1; p=${PEM}`], reason: BROKEN },
  { name: "base64url", records: [`p=${RSA.replaceAll("/", "_")}`], reason: BROKEN },
  { name: "padding within", records: [`p=MIGf=${RSA}`], reason: BROKEN },
  { name: "padding alone", records: ["p=="], reason: BROKEN },
  { name: "padding too long", records: [`p=${RSA}=`], reason: BROKEN },
  { name: "a character too many", records: [`p=${RSA}A`], reason: BROKEN },
  {
    name: "a no-break space in p=",
    records: [`p=${RSA.slice(0, 8)}\xa0${RSA.slice(8)}`],
    reason: BROKEN,
  },
  { name: "a character beyond latin1", records: [`p=${RSA}\u2028`], reason: BROKEN },
  { name: "k=dsa", records: [`k=dsa; p=${RSA}`], reason: OTHER },
  { name: "k= empty", records: [`k=; p=${RSA}`], reason: OTHER },
  { name: "k=__proto__", records: [`k=__proto__; p=${RSA}`], reason: OTHER },
  { name: "RSA for k=ed25519", records: [`k=ed25519; p=${RSA}`], reason: BROKEN },
  { name: "Ed25519 for k=rsa", records: [`k=rsa; p=${ED25519}`], reason: BROKEN },
  { name: "Ed25519 without k=", records: [`p=${ED25519}`], reason: BROKEN },
  {
    name: "the neutral element",
    records: [`k=ed25519; p=AQ${"A".repeat(41)}=`],
    reason: "the key is weak",
  },
  { name: "10 KiB of p= that is no key", records: [`p=${"MIGf".repeat(2560)}`], reason: BROKEN },
  { name: "more than 16 KiB", records: [`n=${"a".repeat(16_384)}; p=${RSA}`], reason: BROKEN },
];

for (const { name, records, reason } of bad) {
  test(`checkKeyRecord: ${name}`, () => {
    assert.deepEqual(checkKeyRecord(records), { ok: false, reason });
  });
}

test("checkKeyRecord: 16 KiB are read", () => {
  const rest = `; p=${RSA}`;
  const record = `n=${"a".repeat(16_384 - 2 - rest.length)}${rest}`;
  assert.equal(checkKeyRecord([record]).ok, true);
  assert.equal(checkKeyRecord([`${record} `]).ok, false);
});

test("checkKeyRecord: a key of 10 KiB is too long", () => {
  const bits = Buffer.alloc(7_000, 0xff);
  const integer = Buffer.concat([Buffer.of(0x02, 0x82, 7_001 >> 8, 7_001 & 255, 0), bits]);
  const content = Buffer.concat([integer, Buffer.of(2, 3, 1, 0, 1)]);
  const der = Buffer.concat([
    Buffer.of(0x30, 0x82, content.length >> 8, content.length & 255),
    content,
  ]);
  const verdict = checkKeyRecord([`p=${der.toString("base64")}`]);
  assert.deepEqual(verdict, { ok: false, reason: "the key is too long" });
});

// A quadratic reader needs seconds for one of these.
test("checkKeyRecord: 64 KiB of anything take no time", () => {
  const long = ["; ", " ", ";", "p ", "p=", ";p ", "a=;", "=", "p=A ", "x=a  "].flatMap((piece) => [
    piece.repeat(65_536 / piece.length),
    `p=${piece.repeat(8_000 / piece.length)}!`,
    `x=a${piece.repeat(8_000 / piece.length)}b; p=`,
  ]);
  const start = process.cpuUsage();
  for (const record of long) checkKeyRecord([record]);
  const { user, system } = process.cpuUsage(start);
  assert.ok(user + system < 500_000, `${user + system} us`);
});

test("checkKeyRecord: any text has an answer, the same for what it wrote itself", () => {
  const pieces = [
    "v=DKIM1",
    "v=",
    "k=rsa",
    "k=ed25519",
    "p=",
    "p",
    "=",
    ";",
    "; ",
    " ",
    "\t",
    "\xa0",
  ].concat([RSA, ED25519, `p=${RSA}`, `k=ed25519; p=${ED25519}`, "n=x", "s=email", "t=s", "h="]);
  const records = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 10 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(fc.array(records, { maxLength: 3 }), (all) => {
      const verdict = checkKeyRecord(all);
      if (verdict.ok) assert.deepEqual(checkKeyRecord([verdict.record]), verdict);
      else assert.equal(typeof verdict.reason, "string");
    }),
    { numRuns: 5000 },
  );
});
