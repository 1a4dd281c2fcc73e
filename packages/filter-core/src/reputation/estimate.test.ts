import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  BAD_EVIDENCE,
  EVIDENCE_KINDS,
  type EvidenceKind,
  GOOD_EVIDENCE,
  type Weights,
} from "../policy/evidence-kinds.ts";
import { dayOf, EPOCH_DAY, fieldOf, increment, type Row, worthOn } from "./decay.ts";
import { badnessFor, creditFor, estimate, estimateOn } from "./estimate.ts";

const TODAY = dayOf("2026-11-24T12:00:00.000Z");
const HALF_LIFE = 30;
const weights: Weights = {
  clean: 1,
  markedHam: 5,
  writtenTo: 20,
  refused: 1,
  misconfigured: 0.1,
  unknownRecipient: 0.5,
  relayAttempt: 5,
  brokenSmtp: 1,
  markedSpam: 20,
};

interface Piece {
  readonly kind: EvidenceKind;
  readonly amount: number;
  readonly day: number;
}
const days = fc.integer({ min: EPOCH_DAY, max: EPOCH_DAY + 3_000 });
const kinds = fc.constantFrom(...EVIDENCE_KINDS);
const pieces = fc.array(
  fc.record({ kind: kinds, amount: fc.integer({ min: 1, max: 100 }), day: days }),
  { maxLength: 40 },
);

function add(row: Row, { kind, amount, day }: Piece, halfLife = HALF_LIFE): Row {
  const field = fieldOf(kind, halfLife);
  return { ...row, [field]: (row[field] ?? 0) + increment(amount, day, halfLife) };
}
const rowOf = (all: readonly Piece[]): Row => all.reduce<Row>((row, piece) => add(row, piece), {});
const near = (a: number, b: number): void =>
  assert.ok(Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a)), `${a} is not ${b}`);

test("EPOCH_DAY: is the first of January 2026", () =>
  assert.equal(dayOf("2026-01-01T23:59:59Z"), EPOCH_DAY));

test("estimate: the unknown is neutral, and three mails do not buy what three hundred do", () => {
  assert.equal(estimate(0, 0).score, 50);
  assert.equal(estimate(3, 0).score, 50);
  assert.equal(estimate(0, 3).score, 50);
  assert.ok(creditFor(estimate(300, 0).score, 6) > 5);
  assert.ok(creditFor(estimate(30, 0).score, 6) < 4);
});

test("estimate: the longest of good records does not outweigh fifty marks, nor one mark a long record", () => {
  const steady = 20 / (1 - 2 ** (-1 / HALF_LIFE));
  assert.equal(creditFor(estimate(steady, 50 * weights.markedSpam).score, 6), 0);
  assert.ok(creditFor(estimate(steady, weights.markedSpam).score, 6) > 5);
});

test("estimate: is between 0 and 100 and between its bounds, symmetric, and total", () => {
  const amount = fc.double({ min: 0, noNaN: true });
  fc.assert(
    fc.property(amount, amount, (good, bad) => {
      const { low, high, score } = estimate(good, bad);
      assert.ok(low >= 0 && low <= high && high <= 100);
      assert.ok(score === 50 ? low <= 50 && high >= 50 : score === low || score === high);
      near(estimate(bad, good).score, 100 - score);
    }),
  );
});

test("estimate: more of a good kind never lowers it, more of a bad kind never raises it", () => {
  fc.assert(
    fc.property(pieces, kinds, fc.integer({ min: 1, max: 500 }), days, (all, kind, amount, day) => {
      const before = estimateOn(TODAY, rowOf(all), weights);
      const after = estimateOn(TODAY, rowOf([...all, { kind, amount, day }]), weights);
      const sign = (GOOD_EVIDENCE as readonly string[]).includes(kind) ? 1 : -1;
      for (const part of ["low", "high", "score"] as const)
        assert.ok(sign * (after[part] - before[part]) >= -1e-9, part);
      assert.ok(sign === 1 || (BAD_EVIDENCE as readonly string[]).includes(kind));
    }),
  );
});

test("estimate: decays to neutral, ever nearer and never past it", () => {
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 400 }), (all, later) => {
      const row = rowOf(all);
      const last = EPOCH_DAY + 3_000;
      const at = (day: number): number => estimateOn(day, row, weights).score - 50;
      assert.ok(Math.abs(at(last + later)) <= Math.abs(at(last)) + 1e-9);
      assert.ok(at(last) * at(last + later) >= 0);
      assert.equal(at(last + 3_000), 0);
    }),
  );
});

test("worthOn: a half-life later half is left, and a sum keeps the half-life it was written with", () => {
  const row = add(
    add({}, { kind: "clean", amount: 8, day: TODAY }),
    { kind: "clean", amount: 8, day: TODAY },
    60,
  );
  assert.deepEqual(Object.keys(row), ["clean.30", "clean.60"]);
  near(worthOn(TODAY, row).get("clean") ?? 0, 16);
  near(worthOn(TODAY + 60, row).get("clean") ?? 0, 2 + 4);
});

test("worthOn: the order of evidence, and who counted it, does not matter", () => {
  fc.assert(
    fc.property(pieces, pieces, (ours, theirs) => {
      const [a, b] = [rowOf(ours), rowOf(theirs)];
      const merged: Record<string, number> = { ...a };
      for (const [field, sum] of Object.entries(b)) merged[field] = (merged[field] ?? 0) + sum;
      const together = worthOn(TODAY, rowOf([...theirs, ...ours].toReversed()));
      const apart = worthOn(TODAY, merged);
      for (const kind of EVIDENCE_KINDS) near(apart.get(kind) ?? 0, together.get(kind) ?? 0);
    }),
  );
});

test("worthOn: within a day the order does not matter to the last bit", () => {
  const some = fc.array(fc.record({ kind: kinds, amount: fc.constantFrom(1, 2, 3) }));
  fc.assert(
    fc.property(some, (all) => {
      const onDay = all.map((piece) => ({ ...piece, day: EPOCH_DAY + 300 }));
      assert.deepEqual(worthOn(TODAY, rowOf(onDay)), worthOn(TODAY, rowOf(onDay.toReversed())));
    }),
  );
});

test("worthOn: what is no sum of ours counts nothing", () => {
  const hostile: Row = {
    first: 20_000,
    days: 3,
    "unheard.30": 9,
    "clean.3": 9,
    "clean.9999": 9,
    "clean.30": Number.NaN,
    "clean.31": Number.POSITIVE_INFINITY,
    "clean.32": -5,
    ["__proto__"]: 5,
  };
  assert.equal(worthOn(TODAY, hostile).size, 0);
});

test("creditFor and badnessFor: of the score alone, none at 50", () => {
  assert.deepEqual(
    [0, 49, 50].map((score) => creditFor(score, 6)),
    [0, 0, 0],
  );
  assert.deepEqual(
    [75, 100].map((score) => creditFor(score, 6)),
    [3, 6],
  );
  assert.deepEqual([0, 25, 50, 90].map(badnessFor), [1, 0.5, 0, 0]);
});
