import assert from "node:assert/strict";
import { test } from "node:test";
import { play } from "./testing/play.ts";
import { printSequence, sequenceOf } from "./testing/sequences.ts";

const COUNT = Number(process.env["POSTERN_SEQUENCES"] ?? 20_000);
const SEED = Number(process.env["POSTERN_SEED"] ?? 1);

test("Session: one final reply where it is due and none elsewhere, in any sequence", async (t) => {
  const total = { replies: 0, modifications: 0, transactions: 0 };
  for (let i = 0; i < COUNT; i += 1) {
    // One number names one sequence: POSTERN_SEED=that POSTERN_SEQUENCES=1 plays it alone.
    const sequence = sequenceOf(SEED + i);
    try {
      const played = await play(sequence);
      total.replies += played.replies;
      total.modifications += played.modifications;
      total.transactions += played.transactions;
    } catch (error) {
      throw new Error(`${String(error)}\nPOSTERN_SEED=${SEED + i}\n${printSequence(sequence)}`, {
        cause: error,
      });
    }
  }
  t.diagnostic(`seed ${SEED}, ${COUNT} sequences, ${JSON.stringify(total)}`);
  if (COUNT >= 1000) assert.ok(total.transactions > COUNT / 2, "most sequences reach a message");
});
