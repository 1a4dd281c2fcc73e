import { join } from "node:path";
import { testArguments } from "./test-arguments.ts";

/* npm test, npm test -- packages/filter-core, npm test -- test/demo --test-name-pattern=fake */

const root = join(import.meta.dirname, "..");
try {
  const args = testArguments(process.argv.slice(2), root);
  process.chdir(root);
  // No process stays between npm and the runner, so that signals and the exit code are the runner's.
  process.execve?.(process.execPath, [process.execPath, ...args], process.env);
} catch (error) {
  process.stderr.write(`npm test: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 64;
}
