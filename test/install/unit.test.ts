import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const UNIT = join(import.meta.dirname, "../../examples/postern/postern.service");
/** Of systemd-analyze, times ten: "OK" ends at 5.0. Ours has 1.6 on systemd 252. */
const MAX_EXPOSURE = 20;

const hasAnalyze = spawnSync("systemd-analyze", ["--version"]).status === 0;
const skip = hasAnalyze ? false : "needs systemd-analyze";

test("postern.service: systemd reads it without a remark, and counts it as well confined", {
  skip,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), "postern-unit-"));
  try {
    const unit = join(folder, "postern.service");
    const text = readFileSync(UNIT, "utf8");
    writeFileSync(unit, text.replace("/usr/local/bin/postern", "/bin/true"));
    const verified = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" });
    assert.equal(verified.stderr, "");
    const exposure = ["security", "--offline=true", `--threshold=${MAX_EXPOSURE}`, unit];
    const rated = spawnSync("systemd-analyze", exposure, { encoding: "utf8" });
    assert.equal(rated.status, 0, rated.stdout + rated.stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("postern.service: Node's compiler may write code, and a socket's group may be set", () => {
  const lines = readFileSync(UNIT, "utf8").split("\n");
  assert.ok(!lines.some((line) => /^MemoryDenyWriteExecute=(yes|true|on|1)/.test(line)));
  const filters = lines.filter((line) => line.startsWith("SystemCallFilter="));
  assert.equal(filters.at(-1), "SystemCallFilter=@chown");
});
