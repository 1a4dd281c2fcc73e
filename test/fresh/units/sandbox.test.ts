import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sandboxScript } from "./sandbox.ts";
import type { Unit } from "./unit-file.ts";

const unitOf = (values: Readonly<Record<string, string>>): Unit => ({
  name: "a.service",
  all: (key) => (values[key] === undefined ? [] : [values[key]]),
  last: (key) => values[key],
});

test("sandboxScript: none where none is asked for", () => {
  assert.equal(sandboxScript(unitOf({ User: "a" }), "/nowhere"), "");
});

test("sandboxScript: strict closes all but what may be written, and a missing folder only with its sign", () => {
  const root = mkdtempSync(join(tmpdir(), "postern-sandbox-"));
  try {
    mkdirSync(join(root, "spool"));
    const strict = { ProtectSystem: "strict", StateDirectory: "postern" };
    const script = sandboxScript(unitOf({ ...strict, ReadWritePaths: "/spool -/none" }), root);
    assert.match(script, /mount --rbind "\$1\/spool"/);
    assert.match(script, /mount --rbind "\$1\/var\/lib\/postern"/);
    assert.match(script, /remount,bind,ro "\$1"$/m);
    assert.doesNotMatch(script, /none/);
    assert.throws(() => sandboxScript(unitOf({ ...strict, ReadWritePaths: "/none" }), root), /226/);
  } finally {
    rmSync(root, { recursive: true });
  }
});
