import { after } from "node:test";

/** How long what is open may keep a process alive when its tests are over, in milliseconds: chosen. */
const LIMIT_MS = 60_000;

/** How long the runner has for its report, in milliseconds. */
const REPORT_MS = 5_000;

/**
 * For a test file that opens servers: one whose `before` fails closes none of them, and its process would wait for them
 * until somebody ends it. It says what is open, and ends.
 */
export function endWhatIsLeft(limitMs: number = LIMIT_MS): void {
  after(() => {
    setTimeout(() => {
      const open = process.getActiveResourcesInfo().join(", ");
      process.stderr.write(`the tests are over, and these are still open: ${open}\n`);
      // At which the runner writes why its tests failed; it would wait for the rest.
      process.emit("beforeExit", 1);
      setTimeout(() => process.exit(1), REPORT_MS);
    }, limitMs).unref();
  });
}
