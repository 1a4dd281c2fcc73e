import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writePidFile } from "./pid-file.ts";

function inFolder(action: (folder: string) => void | Promise<void>) {
  return async (): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), "postern-pid-"));
    try {
      await action(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

const ended = (): number => spawnSync("true").pid;

for (const { name, before } of [
  { name: "there is none", before: () => undefined },
  { name: "one of a process that has ended", before: () => `${ended()}\n` },
  { name: "one with the number of another program", before: () => `${process.ppid}\n` },
  { name: "one with our own number, as in a container", before: () => `${process.pid}\n` },
  { name: "something else", before: () => "-1 or so" },
])
  test(
    `writePidFile: ${name}: it is written, and removed`,
    inFolder((folder) => {
      const path = join(folder, "postern.pid");
      const text = before();
      if (text !== undefined) writeFileSync(path, text);
      const remove = writePidFile(path);
      assert.equal(readFileSync(path, "utf8"), `${process.pid}\n`);
      assert.equal(lstatSync(path).mode & 0o777, 0o644 & ~process.umask());
      assert.deepEqual(readdirSync(folder), ["postern.pid"]);
      remove();
      assert.deepEqual(readdirSync(folder), []);
    }),
  );

test(
  "writePidFile: a FIFO in its place is replaced, not waited for",
  inFolder((folder) => {
    const path = join(folder, "postern.pid");
    assert.equal(spawnSync("mkfifo", [path]).status, 0);
    writePidFile(path);
    assert.equal(readFileSync(path, "utf8"), `${process.pid}\n`);
  }),
);

test(
  "writePidFile: a postern that runs is an error, and its file stays",
  inFolder(async (folder) => {
    const path = join(folder, "postern.pid");
    const script = 'process.title = "postern"; console.log(); setInterval(() => {}, 1000)';
    const child = spawn(process.execPath, ["-e", script]);
    try {
      await once(child.stdout, "data");
      writeFileSync(path, `${child.pid}\n`);
      assert.throws(() => writePidFile(path), {
        message: `Cannot write pidFile ${path}: postern runs already as process ${child.pid}: stop it, or give each its own pidFile`,
      });
      assert.equal(readFileSync(path, "utf8"), `${child.pid}\n`);
    } finally {
      child.kill();
      await once(child, "exit");
    }
  }),
);

test(
  "writePidFile: what another process has written since is not removed",
  inFolder((folder) => {
    const path = join(folder, "postern.pid");
    const remove = writePidFile(path);
    writeFileSync(path, "1\n");
    remove();
    assert.ok(existsSync(path));
  }),
);

test(
  "writePidFile: a symbolic link is replaced, not followed",
  inFolder((folder) => {
    const precious = join(folder, "precious");
    writeFileSync(precious, "x");
    const path = join(folder, "postern.pid");
    symlinkSync(precious, path);
    symlinkSync(precious, `${path}.${process.pid}`);
    writePidFile(path);
    assert.equal(readFileSync(precious, "utf8"), "x");
    assert.ok(lstatSync(path).isFile());
  }),
);

test(
  "writePidFile: a folder that does not exist",
  inFolder((folder) => {
    const path = join(folder, "none/postern.pid");
    assert.throws(() => writePidFile(path), {
      message: `Cannot write pidFile ${path}: the folder ${folder}/none does not exist`,
    });
  }),
);
