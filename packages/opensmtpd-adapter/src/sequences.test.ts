import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

const COUNT = Number(process.env["POSTERN_SEQUENCES"] ?? 20_000);
const SEED = Number(process.env["POSTERN_SEED"] ?? 1);

// In a thread of their own: node:test watches every promise of this one, which takes five times as long.
// One number names one sequence: POSTERN_SEED=that with POSTERN_SEQUENCES=1 plays a failed one alone.
test("Translator: one answer to each request, each message back, in any sequence", async (t) => {
  const url = new URL("./testing/sequence-worker.ts", import.meta.url);
  const worker = new Worker(url, { workerData: { seed: SEED, count: COUNT } });
  const [total] = await once(worker, "message");
  t.diagnostic(`seed ${SEED}, ${COUNT} sequences, ${JSON.stringify(total)}`);
  if (COUNT >= 1000) assert.ok(total.messages > COUNT / 2, "most sequences reach a message");
});
