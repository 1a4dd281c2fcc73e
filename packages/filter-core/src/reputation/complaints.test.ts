import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  complaintField,
  complaintIncrement,
  complaintsOn,
  estimateComplaints,
  readersField,
} from "./complaints.ts";
import { EPOCH_DAY, fieldOf, increment, type Row } from "./decay.ts";

const today = 20_781;
const near = (a: number, b: number): void =>
  assert.ok(Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b)), `${a} is not ${b}`);
const rowOf = (spam: number, inbox: number, day = today): Row => ({
  [complaintField("spam", 3)]: complaintIncrement(spam, day, 3),
  [complaintField("inbox", 3)]: complaintIncrement(inbox, day, 3),
});

// Wilson's lower bound at z = 1.28 over inbox + 5, worked out by hand.
const estimates: readonly [spam: number, inbox: number, low: number, distrust: number][] = [
  [0, 0, 0, 0],
  [2, 15, 0.042356, 1],
  [2, 95, 0.008351, 0.764497],
  [2, 195, 0.004169, 0.167008],
  [2, 295, 0.002777, 0],
  [3, 145, 0.009737, 0.962478],
  [1.4, 2, 0.07364, 0],
  [50, 20, 0.938495, 1],
];
for (const [spam, inbox, low, distrust] of estimates) {
  test(`estimateComplaints: ${spam} marks on ${inbox} messages`, () => {
    const estimate = estimateComplaints({ spam, inbox });
    assert.ok(Math.abs(estimate.low - low) < 1e-6, `${estimate.low}`);
    assert.ok(Math.abs(estimate.distrust - distrust) < 1e-4, `${estimate.distrust}`);
  });
}

test("estimateComplaints: more marks never mean less distrust, more mail never more", () => {
  const count = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(count, count, count, (spam, inbox, more) => {
      const { distrust } = estimateComplaints({ spam, inbox });
      assert.ok(distrust >= 0 && distrust <= 1);
      assert.ok(estimateComplaints({ spam: spam + more, inbox }).distrust >= distrust - 1e-9);
      assert.ok(estimateComplaints({ spam, inbox: inbox + more }).distrust <= distrust + 1e-9);
    }),
  );
});

test("complaintsOn: both counters are halved after their half-life, and order does not matter", () => {
  const row = rowOf(4, 40);
  for (const [days, part] of [
    [0, 1],
    [3, 0.5],
    [6, 0.25],
  ] as const) {
    const told = complaintsOn(today + days, row) ?? assert.fail();
    near(told.spam, 4 * part);
    near(told.inbox, 40 * part);
  }
});

test("complaintsOn: how many readers marked is forgotten as slowly as evidence", () => {
  const row = { ...rowOf(2, 10), [readersField(30)]: increment(2, today, 30) };
  const { spam, readers = 0 } = complaintsOn(today + 6, row) ?? assert.fail();
  near(spam, 0.5);
  near(readers, 2 * 2 ** (-6 / 30));
  assert.ok(estimateComplaints({ spam, inbox: 2.5, readers }).distrust > 0);
  assert.equal(estimateComplaints({ spam, inbox: 2.5 }).distrust, 0);
});

const spamMarks = { [fieldOf("markedSpam", 30)]: increment(4, today, 30) };
for (const [what, more, readers] of [
  ["no evidence of marks", {}, 2],
  ["evidence of marks, from before readers were counted", spamMarks, 4],
  ["readers, whatever the evidence", { ...spamMarks, "readers.30": increment(1, today, 30) }, 1],
  [
    "two half-lives",
    { "readers.30": increment(1, today, 30), "readers.60": increment(1, today, 60) },
    2,
  ],
  ["readers that took it back", { ...spamMarks, "readers.30": 0 }, 0],
  ["a rounding error below zero", { "readers.30": -1e-9 }, 0],
  ["half-lives that no policy has", { "readers.3": 1, "readers.999": 1, "readers.": 1 }, 2],
] as const) {
  test(`complaintsOn: a row with ${what} has ${readers} readers`, () =>
    near(complaintsOn(today, { ...rowOf(2, 10), ...more })?.readers ?? Number.NaN, readers));
}

test("estimateComplaints: one reader alone decides nothing, whatever he marks", () => {
  assert.equal(estimateComplaints({ spam: 2, inbox: 0, readers: 1 }).distrust, 0);
  assert.equal(estimateComplaints({ spam: 2, inbox: 0, readers: 2 }).distrust, 1);
});

test("complaintsOn: a row of Postern 0.1 has none, and neither does evidence of the same name count", () => {
  assert.equal(
    complaintsOn(today, { "clean.30": 5, "markedSpam.30": 1, first: 20_000 }),
    undefined,
  );
  assert.equal(complaintsOn(today, {}), undefined);
});

test("complaintIncrement: a double holds it from 2026 until 2042, at the shortest half-life of the default", () => {
  const last = EPOCH_DAY + 16 * 365;
  assert.ok(Number.isFinite(complaintIncrement(1e6, last, 3)));
  near(complaintsOn(last, rowOf(2, 10, last))?.spam ?? 0, 2);
});
