import { openStateStore } from "../open-store.ts";

/*
 * A process of its own: `add-many.ts FILE KEY COUNT` adds 1 to a row COUNT times in batches, says what is written after
 * each, and ends with code 0 if all was written. COUNT 0: goes on until it is killed.
 */

const [path = "", key = "", count = "0"] = process.argv.slice(2);
const total = Number(count) || Number.POSITIVE_INFINITY;
const store = await openStateStore({ kind: "sqlite", path }, { beginDeadlineMs: 30_000 });
for (let sum = 0; sum < total; ) {
  const length = Math.min(100, total - sum);
  store.write(
    Array.from({ length }, () => ({ key, add: { n: 1 }, day: 20_781, ttlSeconds: 86_400 })),
  );
  await store.flush();
  sum += length;
  // A flush may end without having written, on a busy machine: only what the file has is said.
  process.stdout.write(`${store.counters().written}\n`);
}
await store.close();
const { written, queued } = store.counters();
if (written !== total || queued > 0) process.exitCode = 1;
