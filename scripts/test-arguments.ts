import { globSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative, resolve } from "node:path";

const EVERYTHING = ["packages/*/src", "test"];

/** So many files at a time for each core: chosen. */
const FILES_PER_CORE = 2;

/** Tests that take long and mostly wait begin first, so that the others fill the cores meanwhile. */
const FIRST = /^test\/(?:fresh|scenarios|state)\//;

/** Our own word among node's options. */
export const SLOWEST = "--slowest";

/**
 * The command line after `node` that runs the tests that `words` name: files, folders, globs (relative to `root`), and
 * options of node's test runner. Without a file it is all tests. `--slowest` tells in the end which took longest, from
 * what each file's process writes to the file that POSTERN_TEST_TIMES names. Throws where a word names no test.
 */
export function testArguments(words: readonly string[], root: string): readonly string[] {
  const options = words.filter((word) => word.startsWith("-") && word !== SLOWEST);
  const patterns = words.filter((word) => !word.startsWith("-"));
  const files = (patterns.length === 0 ? EVERYTHING : patterns).flatMap((pattern) =>
    testsOf(pattern, root),
  );
  return [
    "--conditions=source",
    `--import=${join(root, "test/time-limit.ts")}`,
    "--test",
    "--test-timeout=900000",
    // Node's own number is one less than there are cores; much of the time real mail servers are waited for.
    `--test-concurrency=${FILES_PER_CORE * availableParallelism()}`,
    ...(words.includes(SLOWEST) ? timed(root) : []),
    ...options,
    // The runner sorts by name, and a path that begins with / comes before all others.
    ...[...new Set(files)].map((file) => (FIRST.test(file) ? join(root, file) : file)),
  ];
}

function timed(root: string): readonly string[] {
  return [
    `--import=${join(root, "scripts/note-times.ts")}`,
    ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
    `--test-reporter=${join(root, "scripts/slowest-files.ts")}`,
    "--test-reporter-destination=stdout",
  ];
}

function testsOf(pattern: string, root: string): readonly string[] {
  const files = globSync(pattern, { cwd: root }).flatMap((path) =>
    statSync(resolve(root, path)).isDirectory()
      ? globSync(join(path, "**/*.test.ts"), { cwd: root, exclude: isForeign })
      : [path],
  );
  const tests = files.filter((path) => path.endsWith(".test.ts") && !isForeign(path));
  if (tests.length === 0)
    throw new Error(
      `no *.test.ts matches ${pattern} (paths count from ${root}; an option takes its value after =, as in --test-name-pattern=milter)`,
    );
  return tests.map((path) => relative(root, resolve(root, path))).sort();
}

function isForeign(path: string): boolean {
  return path.split("/").includes("node_modules");
}
