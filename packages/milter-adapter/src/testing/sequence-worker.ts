import { parentPort, workerData } from "node:worker_threads";
import { play } from "./play.ts";
import { printSequence, sequenceOf } from "./sequences.ts";

/** Plays `count` sequences from number `seed` on, and posts how much they did; dies of the first fault. */
const { seed, count } = workerData as { readonly seed: number; readonly count: number };
const total = { replies: 0, modifications: 0, skips: 0, transactions: 0 };
for (let i = 0; i < count; i += 1) {
  const sequence = sequenceOf(seed + i);
  try {
    const played = await play(sequence);
    total.replies += played.replies;
    total.modifications += played.modifications;
    total.skips += played.skips;
    total.transactions += played.transactions;
  } catch (error) {
    throw new Error(`${String(error)}\nPOSTERN_SEED=${seed + i}\n${printSequence(sequence)}`);
  }
}
parentPort?.postMessage(total);
