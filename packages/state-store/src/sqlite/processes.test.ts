import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openStateStore } from "../open-store.ts";

const ADD_MANY = fileURLToPath(new URL("../testing/add-many.ts", import.meta.url));

async function inFolder(run: (path: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "postern-state-"));
  try {
    await run(join(folder, "state.db"), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function add(path: string, key: string, count: number): ChildProcess {
  return spawn(process.execPath, ["--conditions=source", ADD_MANY, path, key, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function exitOf(child: ChildProcess): Promise<unknown> {
  child.stdout?.resume();
  const [code, signal] = await once(child, "exit");
  return signal ?? code;
}

async function sumOf(path: string, key: string): Promise<number> {
  await using store = await openStateStore(
    { kind: "sqlite", path },
    { readDeadlineMs: 30_000, beginDeadlineMs: 30_000 },
  );
  const found = await store.read([key]);
  assert.ok(found.kind === "found");
  return found.rows.get(key)?.["n"] ?? 0;
}

test("two processes add to one row of one file, and nothing is lost", { timeout: 120_000 }, () =>
  inFolder(async (path) => {
    const exits = [exitOf(add(path, "k", 5_000)), exitOf(add(path, "k", 5_000))];
    assert.deepEqual(await Promise.all(exits), [0, 0]);
    assert.equal(await sumOf(path, "k"), 10_000);
  }),
);

test("kill -9 in the middle of writing, 20 times: the file is sound", { timeout: 240_000 }, () =>
  inFolder(async (path) => {
    let confirmed = 0;
    for (let round = 0; round < 20; round += 1) {
      const child = add(path, "k", 0);
      const exit = once(child, "exit");
      let said = 0;
      for await (const chunk of child.stdout ?? []) {
        said = Number(String(chunk).trim().split("\n").at(-1));
        // Each round is killed after another number of batches.
        if (said >= 100 * (1 + (round % 7))) child.kill("SIGKILL");
      }
      assert.equal((await exit)[1], "SIGKILL");
      confirmed += said;
      const database = new DatabaseSync(path);
      assert.deepEqual(
        { ...database.prepare("PRAGMA integrity_check").get() },
        {
          integrity_check: "ok",
        },
      );
      const rows = database.prepare("SELECT count(*) AS count FROM entry").get();
      const counted = database.prepare("SELECT sum(entries) AS count FROM tally").get();
      assert.deepEqual(counted, rows);
      database.close();
    }
    // A commit of WAL survives the end of the process; it is only a power cut that may take the last ones.
    assert.ok((await sumOf(path, "k")) >= confirmed);
  }),
);

test("the file, its -wal and its -shm are of owner and group whatever the umask", () =>
  inFolder(async (path) => {
    const child = spawn(
      "/bin/sh",
      ["-c", 'umask 077; exec "$@"', "sh", process.execPath, ADD_MANY, path, "k", "0"],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const exit = once(child, "exit");
    for await (const _ of child.stdout ?? []) {
      for (const file of [path, `${path}-wal`, `${path}-shm`]) {
        assert.equal(((await stat(file)).mode & 0o777).toString(8), "660", file);
      }
      child.kill("SIGKILL");
    }
    await exit;
  }));
