import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import type { BodyHash } from "../../mailauth/mailauth.ts";
import type { BodyAlgorithm, BodyLimit } from "./body-hash.ts";
import { RelaxedBody } from "./relaxed-body.ts";
import { SimpleBody } from "./simple-body.ts";

/* Both hashers against mailauth's, which get each body in one chunk: what they hold back they keep as it came. */

type Hasher = new (algorithm: BodyAlgorithm, limit?: BodyLimit) => BodyHash;

const require = createRequire(import.meta.url);
const theirs: { RelaxedHash: Hasher; SimpleHash: Hasher } = {
  ...require("mailauth/lib/dkim/body/relaxed"),
  ...require("mailauth/lib/dkim/body/simple"),
};
const pairs: readonly { name: string; Ours: Hasher; Theirs: Hasher }[] = [
  { name: "RelaxedBody", Ours: RelaxedBody, Theirs: theirs.RelaxedHash },
  { name: "SimpleBody", Ours: SimpleBody, Theirs: theirs.SimpleHash },
];

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Buffers are freed some time after the collection: asks until there is no more than `atMost`. */
async function keptBytes(atMost = 0): Promise<number> {
  let kept = Infinity;
  for (let tries = 0; tries < 10 && kept > atMost; tries += 1) {
    collectGarbage();
    await setTimeout(5);
    kept = process.memoryUsage().arrayBuffers;
  }
  return kept;
}

interface Outcome {
  readonly digest: string;
  readonly source: number;
  readonly canonical: number;
  readonly hashed: number;
}

function outcome(hash: BodyHash): Outcome {
  const digest = hash.digest("base64");
  return {
    digest,
    source: hash.byteLength,
    canonical: hash.canonicalizedLength,
    hashed: hash.bodyHashedBytes,
  };
}

function whole(Class: Hasher, body: Buffer, algorithm: BodyAlgorithm, limit?: BodyLimit): Outcome {
  const hash = new Class(algorithm, limit);
  hash.update(body);
  return outcome(hash);
}

/** Fed in pieces that are overwritten at once: nothing of a chunk may be needed later. */
function cut(
  Class: Hasher,
  body: Buffer,
  cuts: readonly number[],
  algorithm: BodyAlgorithm,
  limit?: BodyLimit,
): Outcome {
  const hash = new Class(algorithm, limit);
  const ends = [...cuts.map((at) => at % (body.length + 1)).sort((a, b) => a - b), body.length];
  let start = 0;
  for (const end of ends) {
    const chunk = Uint8Array.from(body.subarray(start, end));
    hash.update(chunk);
    chunk.fill(0x78);
    start = end;
  }
  return outcome(hash);
}

const PIECES = ["a", "b", " ", "\t", "\r\n", "\r", "\n", " \r\n"];

/** All sequences of `count` pieces. */
function* bodiesOf(count: number): Generator<string> {
  if (count === 0) yield "";
  else for (const body of bodiesOf(count - 1)) for (const piece of PIECES) yield body + piece;
}

for (const { name, Ours, Theirs } of pairs) {
  test(`${name}: all bodies of up to five pieces, whole, in bytes, cut once`, () => {
    for (let count = 0; count <= 5; count += 1) {
      for (const text of bodiesOf(count)) {
        const body = Buffer.from(text, "latin1");
        const expected = whole(Theirs, body, "sha256");
        const places = Array.from(body, (_byte, at) => at);
        const cuts = [[], places, ...(count < 5 ? places.map((at) => [at]) : [])];
        for (const some of cuts) {
          assert.deepEqual(cut(Ours, body, some, "sha256"), expected, JSON.stringify([text, some]));
        }
      }
    }
  });

  test(`${name}: all bodies of up to three pieces under every limit`, () => {
    for (let count = 0; count <= 3; count += 1) {
      for (const text of bodiesOf(count)) {
        const body = Buffer.from(text, "latin1");
        for (let limit = 0; limit <= 12; limit += 1) {
          const expected = whole(Theirs, body, "sha1", limit);
          const places = Array.from(body, (_byte, at) => at);
          for (const cuts of [[], places]) {
            assert.deepEqual(cut(Ours, body, cuts, "sha1", limit), expected, `${text} l=${limit}`);
          }
        }
      }
    }
  });

  const limits = fc.oneof(
    fc.constantFrom<BodyLimit | undefined>(undefined, "", 0, 1, -1, 2.5, Number.NaN, Infinity),
    fc.nat(60),
  );
  const bodies = fc.oneof(
    fc
      .array(fc.constantFrom(...PIECES, "\r\n", "\0", "\xe9", "\x1f", "words and words"), {
        maxLength: 40,
      })
      .map((pieces) => Buffer.from(pieces.join(""), "latin1")),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );
  test(`${name}: any body, any cut, any limit`, () => {
    fc.assert(
      fc.property(
        ...[bodies, fc.array(fc.nat(400), { maxLength: 12 }), limits],
        fc.constantFrom<BodyAlgorithm>("sha256", "sha1"),
        (body, cuts, limit, algorithm) => {
          const expected = whole(Theirs, body, algorithm, limit);
          assert.deepEqual(cut(Ours, body, cuts, algorithm, limit), expected);
        },
      ),
      { numRuns: 5000 },
    );
  });

  // Pieces around the sizes of the work buffer, of a direct write, of a batch of line ends.
  const longPieces = fc.tuple(
    fc.constantFrom("a", " ", "\t", "\r\n", "\n", "a ", "ab\r\n", "a  b ", "x\n", "\0", "\t\r\n"),
    fc.oneof(fc.nat(80), fc.integer({ min: 2000, max: 2100 }), fc.integer({ min: 4, max: 9000 })),
  );
  test(`${name}: long runs`, () => {
    fc.assert(
      fc.property(
        fc.array(longPieces, { maxLength: 6 }),
        fc.array(fc.nat(40_000), { maxLength: 6 }),
        fc.option(fc.nat(20_000), { nil: undefined }),
        (pieces, cuts, limit) => {
          const text = pieces.map(([piece, times]) => piece.repeat(times)).join("");
          const body = Buffer.from(text, "latin1");
          const expected = whole(Theirs, body, "sha256", limit);
          assert.deepEqual(cut(Ours, body, cuts, "sha256", limit), expected);
        },
      ),
      { numRuns: 150 },
    );
  });

  test(`${name}: nothing, null and an empty chunk`, () => {
    const hash = new Ours("sha256");
    hash.update(null);
    hash.update(new Uint8Array(0));
    assert.deepEqual(outcome(hash), outcome(new Theirs("sha256")));
    assert.equal(hash.getMimeStructureStart(), 0);
  });

  for (const run of ["\r", "\n", "\r\n", "\n\r\n", " ", "\t", " \r", "\r\r\n", "\0"]) {
    test(`${name}: ten megabytes of ${JSON.stringify(run)} are not kept`, async () => {
      const chunk = Buffer.from(run.repeat(Math.floor(65_536 / run.length)), "latin1");
      const hash = new Ours("sha256");
      hash.update(Uint8Array.from(chunk));
      const before = await keptBytes();
      // A chunk of its own each time: were they kept, they would add up.
      for (let count = 0; count < 160; count += 1) hash.update(Uint8Array.from(chunk));
      const kept = await keptBytes(before + 500_000);
      assert.ok(kept - before < 500_000, `${kept - before} bytes`);
      assert.equal(hash.digest("base64").length, 44);
    });
  }
}
