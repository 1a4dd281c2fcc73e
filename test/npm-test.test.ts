import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { test } from "node:test";
import { testArguments } from "../scripts/test-arguments.ts";

const ROOT = join(import.meta.dirname, "..");

/** The test files that the words stand for. */
function filesOf(...words: readonly string[]): readonly string[] {
  return testArguments(words, ROOT)
    .filter((word) => !word.startsWith("-"))
    .map((file) => relative(ROOT, resolve(ROOT, file)));
}

/** Runs what `npm test -- ...` runs, with a folder of one passing and one failing test file. */
function inFolder(
  action: (run: (...words: readonly string[]) => SpawnSyncReturns<string>) => void,
) {
  return (): void => {
    const folder = mkdtempSync(join(tmpdir(), "postern-npm-test-"));
    try {
      const head = `import assert from "node:assert/strict";\nimport { test } from "node:test";\n`;
      writeFileSync(join(folder, "good.test.ts"), `${head}test("good", () => {});\n`);
      writeFileSync(join(folder, "bad.test.ts"), `${head}test("bad", () => assert.fail());\n`);
      writeFileSync(join(folder, "other.ts"), "throw new Error();\n");
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const script = join(ROOT, "scripts/test.ts");
      action((...words) => {
        const args = words.map((word) => (word.startsWith("-") ? word : join(folder, word)));
        return spawnSync(process.execPath, [script, ...args], { env, encoding: "utf8" });
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

test("npm test: without a word it is everything, each file once", () => {
  const all = filesOf();
  assert.ok(all.includes("test/npm-test.test.ts"));
  assert.ok(all.includes("packages/filter-core/src/judgement/judge.test.ts"));
  assert.deepEqual(filesOf("packages", "test", "test/npm-test.test.ts").toSorted(), all.toSorted());
});

for (const { name, words } of [
  { name: "a file", words: ["test/npm-test.test.ts"] },
  { name: "a glob, which leaves out what is no test", words: ["test/npm-*"] },
  { name: "a folder's files by a glob", words: ["test/{npm-test,nothing}.test.ts"] },
])
  test(`npm test: ${name}`, () => {
    assert.deepEqual(filesOf(...words), ["test/npm-test.test.ts"]);
  });

test("npm test: a folder is its tests, at any depth", () => {
  const files = filesOf("packages/filter-core");
  assert.ok(files.length > 20);
  for (const file of files) assert.match(file, /^packages\/filter-core\/src\/.*\.test\.ts$/);
});

test("npm test: what takes long and mostly waits comes first in the order of the runner, which is that of names", () => {
  const files = testArguments([], ROOT)
    .filter((word) => !word.startsWith("-"))
    .sort();
  const isLong = (file: string): boolean => file.includes("test/scenarios/");
  const lastLong = files.findLastIndex(isLong);
  assert.ok(lastLong > 20);
  assert.ok(files.findIndex((file) => file.startsWith("packages/")) > lastLong);
});

test("npm test: options reach node's runner", () => {
  const args = testArguments(["--test-name-pattern=a b", "test/npm-test.test.ts"], ROOT);
  assert.ok(args.includes("--test-name-pattern=a b"));
});

test("npm test: a word that names no test says so, and nothing runs", () => {
  assert.throws(() => filesOf("test", "test/no-such.test.ts"), /^Error: no \*\.test\.ts matches/);
  assert.throws(() => filesOf("--test-name-pattern", "good"), /matches good .*after =/);
  assert.throws(() => filesOf("README.md"), /matches README\.md/);
});

test(
  "npm test: the exit code is the runner's",
  inFolder((run) => {
    assert.equal(run("good.test.ts").status, 0);
    assert.equal(run("bad.test.ts").status, 1);
    assert.equal(run("*.test.ts").status, 1);
    assert.equal(run("good.test.ts", "other.ts").status, 64);
    assert.equal(run("*.test.ts", "--test-name-pattern=good").status, 0);
  }),
);

test(
  "npm test: --slowest tells the CPU time of each file, and changes no exit code",
  inFolder((run) => {
    const { status, stdout } = run("*.test.ts", "--slowest");
    assert.equal(status, 1);
    assert.match(stdout, /^ +\d+\.\d +\d+\.\d {2}\S+\/good\.test\.ts$/m);
    assert.match(stdout, /^ +\d+\.\d +\d+\.\d {2}all$/m);
  }),
);
