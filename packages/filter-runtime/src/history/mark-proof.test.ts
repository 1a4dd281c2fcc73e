import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type MarkKey, readMarkKey } from "./mark-key.ts";
import { isProved, MAX_PROOF_BYTES, proofWords, readSentClaim, type Sent } from "./mark-proof.ts";

const keyOf = (k0: number): MarkKey =>
  readMarkKey({ k0, k1: 1, k2: 2, k3: 3, k4: 4, k5: 5, k6: 6, k7: 0xffffffff }) ?? assert.fail();
const key = keyOf(0);
const sent: Sent = {
  id: "0123456789abcdef",
  day: 20_781,
  keys: ["domain:example.com", "address:2001:db8:1:2::/64", "network:2001:db8:1::/48"],
  isJunk: false,
};

const fieldOf = (words: readonly string[], id = sent.id): string =>
  `X-Postern: id=${id} action=accept debt=0 credit=0 rules=-\n ${words.join(" ")}`;

test("proofWords: who sent a message, when, and by which key that is proved", () =>
  assert.deepEqual(proofWords(key, sent), [
    "day=2026-11-24",
    "domain=example.com",
    "address=2001:db8:1:2::/64",
    "network=2001:db8:1::/48",
    `key=${key.name}`,
    // As Python's hmac computes it.
    "proof=88e6c1ec60fb9afe3167d5501e1588eb",
  ]));

test("readSentClaim: reads what proofWords wrote, and nobody else's key proves it", () => {
  const name = fc.stringMatching(/^[a-z]{1,20}\.example$/);
  const kinds = fc.constantFrom("domain", "dkim", "spf");
  const keys = fc.array(
    fc.tuple(kinds, name).map((pair) => pair.join(":")),
    { maxLength: 9 },
  );
  const id = fc.stringMatching(/^[0-9a-f]{16}$/);
  fc.assert(
    fc.property(id, fc.integer({ min: 1, max: 60_000 }), keys, (one, day, all) => {
      const what = { id: one, day, keys: all, isJunk: false };
      const read = readSentClaim(fieldOf(proofWords(key, what), one));
      assert.ok(read.kind === "claim");
      const { keyName, proof, ...rest } = read.claim;
      assert.deepEqual(rest, what);
      assert.equal(isProved(key, read.claim), true);
      assert.equal(isProved(keyOf(1), read.claim), false);
      assert.equal(isProved(key, { ...read.claim, keys: [...all, "dkim:b.example"] }), false);
      assert.equal(isProved(key, { ...read.claim, day: day + 1 }), false);
      assert.equal(isProved(key, { ...read.claim, proof: proof.slice(0, 30) }), false);
    }),
  );
});

test("readSentClaim: any text is read, and never a claim of more than one message", () => {
  const piece = fc.constantFrom(
    "X-Postern",
    ":",
    "\n",
    "\r\n ",
    " ",
    "\t",
    ...proofWords(key, sent),
    `id=${sent.id}`,
    "Subject: x",
    "\xff",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const read = readSentClaim(pieces.join(""));
      if (read.kind === "claim" && isProved(key, read.claim))
        assert.deepEqual([read.claim.id, read.claim.keys], [sent.id, sent.keys]);
    }),
  );
});

test("proofWords: names of a client's choice make the field no longer than a kilobyte; only signers are left out", () => {
  const long = (letter: string): string =>
    [63, 63, 63, 9].map((length) => letter.repeat(length)).join(".");
  const keys = [
    `domain:${long("a").slice(0, 190)}`,
    ...["b", "c", "d", "e"].map((letter) => `dkim:${long(letter).slice(0, 194)}`),
    "dkim:short.example",
    `spf:${long("f").slice(0, 196)}`,
    "address:2001:db8:1111:2222::/64",
    "network:2001:db8:1111::/48",
  ];
  const words = proofWords(key, { ...sent, keys });
  assert.ok(words.join(" ").length <= MAX_PROOF_BYTES, `${words.join(" ").length}`);
  const named = (name: string): number =>
    words.filter((word) => word.startsWith(`${name}=`)).length;
  const kinds = ["domain", "dkim", "spf", "address", "network", "day", "key", "proof"];
  assert.deepEqual(kinds.map(named), [1, 3, 1, 1, 1, 1, 1, 1]);
  assert.ok(words.includes("dkim=short.example"));
  const read = readSentClaim(fieldOf(words));
  assert.ok(read.kind === "claim" && isProved(key, read.claim));
});

test("proofWords: a name that no store takes as it is stands as the store has it", () => {
  const name = ["a", "b", "c", "d"].map((letter) => letter.repeat(60)).join(".");
  const [, word = ""] = proofWords(key, { ...sent, keys: [`dkim:${name}`] });
  assert.match(word, /^dkim=#[0-9a-f]{64}$/);
});
