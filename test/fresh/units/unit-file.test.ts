import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { commandLine, readUnit } from "./unit-file.ts";

test("readUnit: drop-ins add and forget, instances fill in, comments and other sections are nothing", () => {
  const root = mkdtempSync(join(tmpdir(), "postern-units-"));
  try {
    const folder = join(root, "etc/systemd/system");
    mkdirSync(join(folder, "a@.service.d"), { recursive: true });
    mkdirSync(join(folder, "a@x.service.d"), { recursive: true });
    writeFileSync(
      join(folder, "a@.service"),
      "[Unit]\nUser=no\n[Service]\n# c\nUser=%i\nExecStart=one \\\n two\n",
    );
    writeFileSync(
      join(folder, "a@x.service.d/b.conf"),
      "[Service]\nExecStart=\nExecStart=three\nRestart=always\n",
    );
    const unit = readUnit(root, "a@x");
    assert.equal(unit?.name, "a@x.service");
    assert.equal(unit?.last("User"), "x");
    assert.deepEqual(unit?.all("ExecStart"), ["three"]);
    assert.equal(unit?.last("Restart"), "always");
    assert.equal(readUnit(root, "b"), undefined);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("commandLine: signs, quotes, and variables that are split only when they stand alone", () => {
  assert.deepEqual(commandLine(`-+/bin/x $A "b c" 'd $A' p${"$"}{A}q $NONE`, { A: "1 2" }), {
    signs: "-+",
    words: ["/bin/x", "1", "2", "b c", "d $A", "p1 2q"],
  });
});
