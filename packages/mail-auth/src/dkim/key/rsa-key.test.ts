import assert from "node:assert/strict";
import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  verify,
} from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { checkRsaKey } from "./rsa-key.ts";

/* DER by hand. A number is written as its bytes, so that it may be wrong. */

function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), content]);
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => element(0x30, ...parts);

function integer(magnitude: Uint8Array): Buffer {
  const sign = (magnitude[0] ?? 0) > 0x7f ? Buffer.of(0) : Buffer.alloc(0);
  return element(0x02, sign, magnitude);
}

/** As many bits as asked for, odd, the same in each run. */
function modulus(bits: number): Buffer {
  const length = Math.ceil(bits / 8);
  const bytes = createHash("shake256", { outputLength: length }).update(`${bits}`).digest();
  const top = 1 << ((bits - 1) % 8);
  bytes[0] = ((bytes[0] ?? 0) & (top - 1)) | top;
  bytes[length - 1] = (bytes[length - 1] ?? 0) | 1;
  return bytes;
}

const bitString = (bits: Uint8Array): Buffer => element(0x03, Buffer.of(0), bits);

const F4 = Buffer.of(1, 0, 1);
const N = modulus(2048);
const RSA = Buffer.from("06092a864886f70d010101", "hex");
const NULL = Buffer.of(5, 0);
const rsaAlgorithm = sequence(RSA, NULL);

const pkcs1 = (n: Uint8Array, e: Uint8Array): Buffer => sequence(integer(n), integer(e));
const spki = (key: Uint8Array, algorithm: Uint8Array = rsaAlgorithm): Buffer =>
  sequence(algorithm, bitString(key));

const good = pkcs1(N, F4);
const goodSpki = spki(good);
const even = Buffer.from(N);
even[even.length - 1] = (even.at(-1) ?? 0) & 0xfe;

/** The same element with its length written in other bytes. */
const relength = (der: Buffer, header: number, ...length: readonly number[]): Buffer =>
  Buffer.concat([Buffer.of(der[0] ?? 0, ...length), der.subarray(header)]);

const openssl1024 = generateKeyPairSync("rsa", { modulusLength: 1024 });
const openssl2048 = generateKeyPairSync("rsa", { modulusLength: 2048 });
const spkiOf = (key: KeyObject): Buffer => key.export({ type: "spki", format: "der" });
const pkcs1Of = (key: KeyObject): Buffer => key.export({ type: "pkcs1", format: "der" });
const ofPss = sequence(Buffer.from("06092a864886f70d01010a", "hex"), NULL);
const ofCurve = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
const ofEd25519 = generateKeyPairSync("ed25519").publicKey;
const [high, low] = [(good.length - 4) >> 8, (good.length - 4) & 255];

type Zoo = readonly (readonly [name: string, der: Uint8Array])[];

const fine: Zoo = [
  ["of OpenSSL, 1024 bits, SPKI", spkiOf(openssl1024.publicKey)],
  ["of OpenSSL, 1024 bits, PKCS#1", pkcs1Of(openssl1024.publicKey)],
  ["of OpenSSL, 2048 bits, SPKI", spkiOf(openssl2048.publicKey)],
  ["of OpenSSL, 2048 bits, PKCS#1", pkcs1Of(openssl2048.publicKey)],
  ["2048 bits, PKCS#1", good],
  ["2048 bits, SPKI", goodSpki],
  ["1024 bits", spki(pkcs1(modulus(1024), F4))],
  ["1025 bits", pkcs1(modulus(1025), F4)],
  ["4095 bits", pkcs1(modulus(4095), F4)],
  ["4096 bits", spki(pkcs1(modulus(4096), F4))],
  ["e=3", spki(pkcs1(N, Buffer.of(3)))],
  ["e=17", pkcs1(N, Buffer.of(17))],
  ["e=2^32-1", pkcs1(N, Buffer.of(255, 255, 255, 255))],
];

const short: Zoo = [
  ["8 bits", pkcs1(Buffer.of(0xc5), F4)],
  ["512 bits", spki(pkcs1(modulus(512), F4))],
  ["768 bits", spki(pkcs1(modulus(768), F4))],
  ["1023 bits", spki(pkcs1(modulus(1023), F4))],
  ["1023 bits, e=1", spki(pkcs1(modulus(1023), Buffer.of(1)))],
];

const long: Zoo = [
  ["4097 bits", pkcs1(modulus(4097), F4)],
  ["4098 bits", spki(pkcs1(modulus(4098), F4))],
  ["16384 bits", spki(pkcs1(modulus(16_384), F4))],
];

const weak: Zoo = [
  ["even modulus", spki(pkcs1(even, F4))],
  ["e=1", spki(pkcs1(N, Buffer.of(1)))],
  ["e=2", spki(pkcs1(N, Buffer.of(2)))],
  ["e=65536", pkcs1(N, Buffer.of(1, 0, 0))],
  ["e=2^32", pkcs1(N, Buffer.of(1, 0, 0, 0, 0))],
  ["e=2^32+1", pkcs1(N, Buffer.of(1, 0, 0, 0, 1))],
  ["e of 64 bits", pkcs1(modulus(4096), modulus(64))],
  ["e as large as n", spki(pkcs1(modulus(3072), modulus(3071)))],
  ["e is n", pkcs1(N, N)],
];

const broken: Zoo = [
  ["e=0", pkcs1(N, Buffer.of(0))],
  ["n=0", pkcs1(Buffer.of(0), F4)],
  ["e without a byte", sequence(integer(N), Buffer.of(2, 0))],
  ["n without a byte", sequence(Buffer.of(2, 0), integer(F4))],
  ["negative n", sequence(element(2, Buffer.of(0x80), N), integer(F4))],
  ["negative e", sequence(integer(N), Buffer.of(2, 1, 0x83))],
  ["a zero too many before n", sequence(element(2, Buffer.of(0, 0), N), integer(F4))],
  ["a zero too many before e", sequence(integer(N), Buffer.of(2, 2, 0, 3))],
  ["no bytes", Buffer.alloc(0)],
  ["a tag alone", Buffer.of(0x30)],
  ["an empty sequence", Buffer.of(0x30, 0)],
  ["n alone", sequence(integer(N))],
  ["three numbers", sequence(integer(N), integer(F4), integer(F4))],
  ["a byte after PKCS#1", Buffer.concat([good, Buffer.of(0)])],
  ["a byte after SPKI", Buffer.concat([goodSpki, Buffer.of(0)])],
  ["a byte after the key in SPKI", spki(Buffer.concat([good, Buffer.of(0)]))],
  ["NULL after the bits in SPKI", sequence(rsaAlgorithm, bitString(good), NULL)],
  ["length in three bytes", relength(good, 4, 0x83, 0, high, low)],
  ["length in one byte too many", sequence(integer(N), Buffer.of(2, 0x81, 3, 1, 0, 1))],
  [
    "length in two for one",
    sequence(relength(integer(modulus(1024)), 3, 0x82, 0, 129), integer(F4)),
  ],
  ["indefinite length", Buffer.concat([relength(good, 4, 0x80), Buffer.of(0, 0)])],
  ["length of 2^32-1", relength(good, 4, 0x84, 255, 255, 255, 255)],
  ["length that ends in itself", Buffer.of(0x30, 0x82, 1)],
  ["length one too large", relength(good, 4, 0x82, high, low + 1)],
  ["SPKI without NULL", spki(good, sequence(RSA))],
  ["SPKI of RSASSA-PSS", spki(good, ofPss)],
  ["SPKI of an elliptic curve", spkiOf(ofCurve)],
  ["SPKI of Ed25519", spkiOf(ofEd25519)],
  ["SPKI in SPKI", spki(goodSpki)],
  ["bits that are not used", sequence(rsaAlgorithm, element(3, Buffer.of(1), good))],
  ["a bit string without a byte", sequence(rsaAlgorithm, Buffer.of(3, 0))],
  ["a set", Buffer.concat([Buffer.of(0x31), good.subarray(1)])],
  ["a private key", pkcs1Of(openssl1024.privateKey)],
  ["PEM", Buffer.from("-----BEGIN PUBLIC KEY-----\n")],
  ["ten thousand sequences in each other", Buffer.from("3082".repeat(10_000), "hex")],
];

for (const [zoo, reason] of [
  [fine, undefined],
  [short, "the key is too short"],
  [long, "the key is too long"],
  [weak, "the key is weak"],
  [broken, "the key record is broken"],
] as const) {
  for (const [name, der] of zoo) {
    test(`checkRsaKey: ${name}`, () => {
      assert.equal(checkRsaKey(der), reason);
      agrees(der);
    });
  }
}

test("checkRsaKey: every beginning of a key is broken", () => {
  for (const der of [good, goodSpki]) {
    for (let end = 0; end < der.length; end += 1) {
      assert.equal(checkRsaKey(der.subarray(0, end)), "the key record is broken", `${end} bytes`);
    }
  }
});

// Why such keys are refused: anybody can sign for them.
test("checkRsaKey: with e=1 everybody can sign", () => {
  const key = createPublicKey({ key: spki(pkcs1(N, Buffer.of(1))), format: "der", type: "spki" });
  const digestInfo = Buffer.concat([
    Buffer.from("3031300d060960864801650304020105000420", "hex"),
    createHash("sha256").update("anything").digest(),
  ]);
  const padding = Buffer.alloc(N.length - digestInfo.length - 3, 0xff);
  const forged = Buffer.concat([Buffer.of(0, 1), padding, Buffer.of(0), digestInfo]);
  const same = publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, forged);
  assert.deepEqual(same, forged);
  assert.equal(verify("sha256", Buffer.from("anything"), key, forged), true);
});

/** Whatever is taken, OpenSSL reads as the same numbers, within the limits. */
function agrees(der: Uint8Array): void {
  if (checkRsaKey(der) !== undefined) return;
  const key = ["spki", "pkcs1"].flatMap((type) => {
    try {
      return [createPublicKey({ key: Buffer.from(der), format: "der", type: type as "spki" })];
    } catch {
      return [];
    }
  });
  assert.equal(key.length, 1);
  const { modulusLength = 0, publicExponent = 0n } = key[0]?.asymmetricKeyDetails ?? {};
  assert.ok(modulusLength >= 1024 && modulusLength <= 4096, `${modulusLength} bits`);
  assert.ok(publicExponent >= 3n && publicExponent < 2n ** 32n && publicExponent % 2n === 1n);
}

test("checkRsaKey: what is good, OpenSSL reads too", () => {
  const keys = fine.slice(0, 4).map(([, der]) => der);
  fc.assert(
    fc.property(
      ...[fc.constantFrom(...keys), fc.nat(300)],
      ...[fc.nat(255), fc.constantFrom("set", "insert", "remove")],
      (key, place, byte, change) => {
        const at = place % key.length;
        const middle = change === "remove" ? [] : [byte];
        const rest = key.subarray(change === "insert" ? at : at + 1);
        agrees(Buffer.concat([key.subarray(0, at), Buffer.from(middle), rest]));
      },
    ),
    { numRuns: 3000 },
  );
});

const derBytes = fc.array(
  fc.oneof(
    fc.constantFrom(0x30, 0x02, 0x03, 0x05, 0x06, 0, 1, 3, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff),
    fc.nat(255),
  ),
  { maxLength: 400 },
);

test("checkRsaKey: any bytes have an answer", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), agrees), { numRuns: 2000 });
  fc.assert(
    fc.property(derBytes, (bytes) => agrees(Uint8Array.from(bytes))),
    { numRuns: 5000 },
  );
});
