import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "..");
const files = globSync(["packages/*/src/**/*.ts", "test/**/*.ts"], { cwd: ROOT });
const textOf = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const COMMANDS = "serve|opensmtpd|try|learn|reputation";

/** Commands started as a program of their own that look for a configuration by themselves. */
const patterns = [
  // After main.ts, in an argv; one that stands in the test's own folder finds the postern.yaml there.
  new RegExp(`MAIN,\\s*"(?:${COMMANDS})"(?!,\\s*"(?:--config|--help)"|\\], \\{ cwd: folder)`),
  // After "$@", in a shell.
  new RegExp(`"\\$@" (?:${COMMANDS})(?! --(?:config|help))`),
];
const startsWithoutConfig = (text: string): boolean =>
  patterns.some((pattern) => pattern.test(text));

test("the configuration of the machine is known to main.ts and to the engine of smtpd's filter alone", () => {
  const knowing = files.filter(
    (file) => file !== "test/own-folder.test.ts" && /\bSYSTEM_FILE\b/.test(textOf(file)),
  );
  assert.deepEqual(knowing.sort(), [
    "packages/postern/src/config/load.ts",
    "packages/postern/src/main.ts",
    "packages/postern/src/opensmtpd/engine.ts",
  ]);
});

test("a test that starts the program names its configuration", () => {
  assert.ok(startsWithoutConfig('[MAIN, "serve"]') && startsWithoutConfig('"$@" try --jsonl'));
  assert.ok(!startsWithoutConfig('[MAIN, "serve", "--config", file]'));
  const tests = files.filter((file) => file !== "test/own-folder.test.ts");
  assert.deepEqual(
    tests.filter((file) => startsWithoutConfig(textOf(file))),
    [],
  );
});
