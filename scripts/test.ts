import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SLOWEST, testArguments } from "./test-arguments.ts";

/* npm test, npm test -- packages/filter-core, npm test -- test/demo --test-name-pattern=fake, npm test -- --slowest */

const root = join(import.meta.dirname, "..");
try {
  const words = process.argv.slice(2);
  const args = testArguments(words, root);
  process.chdir(root);
  // No process stays between npm and the runner, so that signals and the exit code are the runner's.
  process.execve?.(process.execPath, [process.execPath, ...args], {
    ...process.env,
    // Some hundred Node processes load the same files: what one has stripped and compiled, the others read.
    NODE_COMPILE_CACHE:
      process.env["NODE_COMPILE_CACHE"] ?? join(root, "node_modules/.cache/node-compile"),
    ...(words.includes(SLOWEST) && { POSTERN_TEST_TIMES: timesFile() }),
  });
} catch (error) {
  process.stderr.write(`npm test: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 64;
}

function timesFile(): string {
  return join(mkdtempSync(join(tmpdir(), "postern-test-times-")), "times.jsonl");
}
