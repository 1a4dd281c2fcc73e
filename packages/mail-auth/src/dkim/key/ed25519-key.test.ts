import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import type { DkimReason } from "@postern/filter-core";
import fc from "fast-check";
import { checkEd25519Key } from "./ed25519-key.ts";

const WEAK: DkimReason = "the key is weak";
const BROKEN: DkimReason = "the key record is broken";

/* The curve by the formulas of RFC 8032 section 5.1, to find the points of small order another way. */

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

const mod = (value: bigint): bigint => ((value % P) + P) % P;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = mod(base);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

const inverse = (value: bigint): bigint => power(value, P - 2n);
const D = mod(-121665n * inverse(121666n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

interface Point {
  readonly x: bigint;
  readonly y: bigint;
}
const NEUTRAL: Point = { x: 0n, y: 1n };

function add(a: Point, b: Point): Point {
  const product = mod(D * a.x * b.x * a.y * b.y);
  return {
    x: mod((a.x * b.y + b.x * a.y) * inverse(1n + product)),
    y: mod((a.y * b.y + a.x * b.x) * inverse(1n - product)),
  };
}

function multiply(point: Point, factor: bigint): Point {
  let result = NEUTRAL;
  let double = point;
  for (let left = factor; left > 0n; left >>= 1n) {
    if (left & 1n) result = add(result, double);
    double = add(double, double);
  }
  return result;
}

/** The points with this y: two, one where x is 0, or none. */
function pointsAt(y: bigint): Point[] {
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
  const root = power(square, (P + 3n) / 8n);
  const x = [root, mod(root * ROOT_OF_MINUS_ONE)].find((one) => mod(one * one) === square);
  if (x === undefined) return [];
  return x === 0n
    ? [{ x, y }]
    : [
        { x, y },
        { x: P - x, y },
      ];
}

function encode(y: bigint, sign: bigint): Buffer {
  return Buffer.from((y | (sign << 255n)).toString(16).padStart(64, "0"), "hex").reverse();
}

const isNeutral = ({ x, y }: Point): boolean => x === 0n && y === 1n;

/** All multiples of a point of order 8: L times a point leaves of it what is of small order. */
function smallOrderPoints(): Point[] {
  for (let y = 2n; ; y += 1n) {
    for (const point of pointsAt(y)) {
      const small = multiply(point, L);
      if (isNeutral(multiply(small, 4n))) continue;
      return Array.from({ length: 8 }, (_none, factor) => multiply(small, BigInt(factor)));
    }
  }
}

test("checkEd25519Key: the eight points of small order are weak", () => {
  const points = smallOrderPoints();
  assert.equal(new Set(points.map(({ x, y }) => `${x} ${y}`)).size, 8);
  assert.equal(new Set(points.map(({ y }) => y)).size, 5);
  for (const { x, y } of points) {
    assert.ok(isNeutral(multiply({ x, y }, 8n)));
    assert.equal(checkEd25519Key(encode(y, x & 1n)), WEAK, `${y}`);
    // Where x is 0 this is no point at all (RFC 8032 section 5.1.3), or the same with an older reader.
    assert.equal(checkEd25519Key(encode(y, 1n - (x & 1n))), WEAK, `-${y}`);
  }
});

test("checkEd25519Key: what is p or more is weak", () => {
  for (let y = P; y < 2n ** 255n; y += 1n) {
    assert.equal(checkEd25519Key(encode(y, 0n)), WEAK);
    assert.equal(checkEd25519Key(encode(y, 1n)), WEAK);
  }
});

test("checkEd25519Key: what is near them is not", () => {
  for (const y of [2n, 3n, P - 2n, P - 3n, 255n, 256n, 2n ** 254n, P - 256n]) {
    assert.equal(checkEd25519Key(encode(y, 0n)), undefined, `${y}`);
    assert.equal(checkEd25519Key(encode(y, 1n)), undefined, `-${y}`);
  }
});

/*
 * Why weak keys are refused. RFC 8032 section 5.1.7 by the book, S*B = R + k*A, since libraries differ: OpenSSL 3.0.19
 * takes these signatures, OpenSSL 3.5.8 (Node 24.21) none with such a key.
 */

/** Whether R=(0, 1), S=0, which anybody can write down, is a signature of the message. */
function isSigned(key: Point, message: string): boolean {
  const hash = createHash("sha512")
    .update(encode(NEUTRAL.y, 0n))
    .update(encode(key.y, key.x & 1n))
    .update(message)
    .digest();
  const k = BigInt(`0x${hash.reverse().toString("hex")}`) % L;
  // The order of these keys divides 8.
  return isNeutral(add(NEUTRAL, multiply(key, k % 8n)));
}

test("checkEd25519Key: with the neutral element as key one signature is good for every message", () => {
  for (const message of ["", "a", "pay everything to eve"]) {
    assert.ok(isSigned(NEUTRAL, message));
  }
  assert.equal(checkEd25519Key(encode(NEUTRAL.y, 0n)), WEAK);
});

test("checkEd25519Key: every point of small order lets some messages through", () => {
  const messages = Array.from({ length: 80 }, (_none, count) => `${count}`);
  for (const point of smallOrderPoints()) {
    const signed = messages.filter((message) => isSigned(point, message));
    assert.ok(signed.length > 0);
  }
});

test("checkEd25519Key: keys of OpenSSL are good", () => {
  for (let count = 0; count < 50; count += 1) {
    const { publicKey } = generateKeyPairSync("ed25519");
    const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
    assert.equal(checkEd25519Key(raw), undefined);
  }
});

for (const length of [0, 1, 31, 33, 44, 64]) {
  test(`checkEd25519Key: ${length} bytes are broken`, () => {
    assert.equal(checkEd25519Key(new Uint8Array(length).fill(9)), BROKEN);
  });
}

test("checkEd25519Key: any bytes have an answer, and are not changed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (key) => {
      const before = Uint8Array.from(key);
      const reason = checkEd25519Key(key);
      assert.ok(reason === undefined || reason === WEAK || reason === BROKEN);
      assert.deepEqual(key, before);
    }),
  );
});
