import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const DEMO = join(import.meta.dirname, "demo.ts");

function demo(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const argv = ["--conditions=source", DEMO, ...args];
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env;
  return spawnSync(process.execPath, argv, { encoding: "utf8", env: { ...rest, ...env } });
}

test("demo: six ordinary mails, the honest one signed and passing DMARC", () => {
  const { status, stdout, stderr } = demo(["--fake"]);
  assert.equal(status, 0, stderr);
  assert.equal(stdout.match(/^ {3}log: /gm)?.length, 6);
  assert.doesNotMatch(stdout, /permerror/);
  const [, honest = ""] = stdout.split("an honest server");
  assert.match(honest, /spf=pass .*dkim=pass .*dmarc=pass .*header\.from=example\.com/);
});

test("demo: where Postfix cannot be fetched it goes on without, and says why in one line", () => {
  const folder = mkdtempSync(join(tmpdir(), "postern-demo-offline-"));
  try {
    const apt = join(folder, "apt-get");
    writeFileSync(apt, "#!/bin/sh\necho 'E: no network' >&2\nexit 100\n");
    chmodSync(apt, 0o755);
    const { status, stdout, stderr } = demo([], {
      PATH: `${folder}:${process.env["PATH"]}`,
      POSTERN_MTA_CACHE: join(folder, "cache"),
    });
    assert.equal(status, 0, stderr);
    assert.equal(stderr, "");
    assert.match(
      stdout,
      /^Mail server: our own MTA side.*\((a real Postfix needs|Postfix cannot)/m,
    );
    assert.match(stdout, /dmarc=pass/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
