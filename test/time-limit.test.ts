import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { testArguments } from "../scripts/test-arguments.ts";

const LIMIT = join(import.meta.dirname, "time-limit.ts");

test("a test file that leaves something open ends, fails, and says what", () => {
  const folder = mkdtempSync(join(tmpdir(), "postern-limit-"));
  try {
    const file = join(folder, "open.test.mjs");
    writeFileSync(
      file,
      `import { test } from "node:test"; test("ends", () => {}); setInterval(() => {}, 1_000);`,
    );
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { status, stdout } = spawnSync(process.execPath, [`--import=${LIMIT}`, "--test", file], {
      env: { ...env, POSTERN_TEST_LIMIT_MS: "500" },
      encoding: "utf8",
      timeout: 30_000,
    });
    assert.equal(status, 1);
    assert.match(stdout, /open\.test\.mjs has not ended in 500 ms; open: .*Timeout/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("npm test runs under the limits", () => {
  const args = testArguments([], join(import.meta.dirname, ".."));
  assert.ok(args.includes(`--import=${LIMIT}`));
  assert.ok(args.includes("--test-timeout=900000"));
});
