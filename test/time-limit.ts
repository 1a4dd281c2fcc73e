import { isMainThread } from "node:worker_threads";

/*
 * Loaded into each test file's process by `npm test`: one that has not ended by then says what keeps it alive, and ends.
 * The runner's --test-timeout ends a test, not a process that its tests have left something open in.
 */

/** Longest life of a test file's process, in milliseconds: chosen. */
const LIMIT_MS = Number(process.env["POSTERN_TEST_LIMIT_MS"] ?? 2_400_000);

// The runner itself, which lives as long as all of them, names its files on its command line.
if (isMainThread && process.env["NODE_TEST_CONTEXT"] !== undefined) {
  setTimeout(() => {
    const kept = process.getActiveResourcesInfo().join(", ");
    process.stderr.write(`${process.argv[1]} has not ended in ${LIMIT_MS} ms; open: ${kept}\n`);
    process.exit(1);
  }, LIMIT_MS).unref();
}
