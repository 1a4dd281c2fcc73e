import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openStateReader, type StateReader } from "./open-reader.ts";
import { openStateStore } from "./open-store.ts";
import { serveFake } from "./testing/fake-resp.ts";

const ADD_MANY = fileURLToPath(new URL("./testing/add-many.ts", import.meta.url));
const KEY = "domain:example.com";
const CHANGE = { key: KEY, add: { n: 1 }, day: 20_781, ttlSeconds: 86_400 };

async function inFolder(run: (path: string, folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "postern-reader-"));
  try {
    await run(join(folder, "state.db"), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every file of a folder: its bytes, and when it was last written. */
function picture(folder: string): readonly unknown[] {
  return readdirSync(folder).map((name) => {
    const { mtimeNs, ino, mode, uid, gid } = statSync(join(folder, name), { bigint: true });
    return [
      name,
      mtimeNs,
      ino,
      mode,
      uid,
      gid,
      createHash("sha1")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ];
  });
}

async function fill(path: string): Promise<void> {
  await using store = await openStateStore({ kind: "sqlite", path }, { beginDeadlineMs: 30_000 });
  store.write([CHANGE]);
}

async function openGood(path: string): Promise<StateReader> {
  const reader = await openStateReader({ kind: "sqlite", path });
  return "read" in reader ? reader : assert.fail(reader.reason);
}

async function valueIn(path: string): Promise<number | undefined> {
  await using reader = await openGood(path);
  const found = await reader.read([KEY, "domain:example.org"]);
  assert.ok(found.kind === "found", JSON.stringify(found));
  assert.ok(found.rows.size <= 1);
  return found.rows.get(KEY)?.["n"];
}

test("openStateReader: a file that nobody has open is read, and nothing in its folder changes", () =>
  inFolder(async (path, folder) => {
    const begun = Math.floor(Date.now() / 1000) * 1000;
    await fill(path);
    const before = picture(folder);
    assert.deepEqual(readdirSync(folder), ["state.db"]);
    assert.equal(await valueIn(path), 1);
    await using reader = await openGood(path);
    assert.ok((reader.lastWrittenMs ?? 0) >= begun);
    assert.deepEqual(picture(folder), before);
  }));

test("openStateReader: a file of another process, which lives on, is read up to its last change, and nothing changes", () =>
  inFolder(async (path, folder) => {
    const daemon = spawn(
      process.execPath,
      [
        "--conditions=source",
        "--input-type=module",
        "-e",
        `import { openStateStore } from "@postern/state-store";
         const store = await openStateStore({ kind: "sqlite", path: process.argv[1] }, { beginDeadlineMs: 30_000 });
         process.stdin.on("data", async () => {
           store.write([${JSON.stringify(CHANGE)}]);
           await store.flush();
           console.log(JSON.stringify(store.counters()));
         });
         process.stdin.on("end", () => store.close());`,
        path,
      ],
      { stdio: ["pipe", "pipe", "inherit"], cwd: import.meta.dirname },
    );
    const exit = once(daemon, "exit");
    try {
      for (const sum of [1, 2, 3]) {
        daemon.stdin.write("x");
        const [counters] = await once(daemon.stdout, "data");
        const { written, state, downs } = JSON.parse(String(counters));
        assert.deepEqual([written, state, downs], [sum, "up", 0]);
        const before = picture(folder);
        assert.equal(before.length, 3);
        assert.equal(await valueIn(path), sum);
        assert.deepEqual(picture(folder), before);
      }
    } finally {
      daemon.stdin.end();
      await exit;
    }
    // It still was the last to close the file.
    assert.deepEqual(readdirSync(folder), ["state.db"]);
    assert.equal(await valueIn(path), 3);
  }));

test("openStateReader: while another process writes as fast as it can, every read is answered", () =>
  inFolder(async (path) => {
    const writer = spawn(process.execPath, ["--conditions=source", ADD_MANY, path, KEY, "3000"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exit = once(writer, "exit");
    await once(writer.stdout, "data");
    writer.stdout.resume();
    let last = 0;
    for (let round = 0; round < 10; round += 1) {
      const value = (await valueIn(path)) ?? 0;
      assert.ok(value >= last && value > 0, `${value} after ${last}`);
      last = value;
    }
    assert.deepEqual(await exit, [0, null]);
    assert.equal(await valueIn(path), 3_000);
  }));

test("openStateReader: a file that was left without being closed is read, with what its -wal holds", () =>
  inFolder(async (path, folder) => {
    const left = join(folder, "left");
    mkdirSync(left);
    {
      await using store = await openStateStore(
        { kind: "sqlite", path },
        { beginDeadlineMs: 30_000 },
      );
      store.write([CHANGE]);
      await store.flush();
      for (const end of ["", "-wal", "-shm"])
        copyFileSync(`${path}${end}`, join(left, `state.db${end}`));
    }
    const before = picture(left);
    assert.equal(await valueIn(join(left, "state.db")), 1);
    assert.deepEqual(picture(left), before);
    rmSync(join(left, "state.db-shm"));
    const reader = await openStateReader({ kind: "sqlite", path: join(left, "state.db") });
    assert.match("reason" in reader ? reader.reason : "", /its -wal holds changes/);
  }));

const unusable: readonly {
  readonly name: string;
  prepare(path: string): void;
  readonly reason: RegExp;
}[] = [
  { name: "no file", prepare: () => {}, reason: /state\.db does not exist$/ },
  { name: "an empty file", prepare: (path) => writeFileSync(path, ""), reason: /is empty/ },
  { name: "a folder", prepare: (path) => mkdirSync(path), reason: /it is not a file/ },
  {
    name: "text",
    prepare: (path) => writeFileSync(path, "these are no rows\n".repeat(1_000)),
    reason: /it is not an SQLite file/,
  },
  {
    name: "the database of another program",
    prepare: (path) => {
      const database = new DatabaseSync(path);
      database.exec("PRAGMA journal_mode = WAL; CREATE TABLE bookmark (url TEXT)");
      database.close();
    },
    reason: /it is the file of another program/,
  },
  {
    name: "a later version",
    prepare: (path) => {
      const database = new DatabaseSync(path);
      database.exec(`PRAGMA application_id = ${0x506f7374}; PRAGMA user_version = 99`);
      database.close();
    },
    reason: /it is of version 99/,
  },
];
for (const { name, prepare, reason } of unusable) {
  test(`openStateReader: ${name} is told in one line, and left as it is`, () =>
    inFolder(async (path, folder) => {
      prepare(path);
      const look = () => (name === "a folder" ? readdirSync(folder) : picture(folder));
      const before = look();
      const reader = await openStateReader({ kind: "sqlite", path });
      assert.ok("reason" in reader);
      assert.match(reader.reason, reason);
      assert.doesNotMatch(reader.reason, /\n/);
      assert.deepEqual(look(), before);
    }));
}

test("openStateReader: of a server nothing is asked but what is read", async () => {
  await using server = await serveFake(
    ([name], socket) => void socket.write(name === "GETRANGE" ? "$3\r\nn=7\r\n" : "+OK\r\n"),
  );
  {
    const reader = await openStateReader({ kind: "redis", url: server.url });
    assert.ok("read" in reader);
    await using _ = reader;
    const found = await reader.read([KEY]);
    assert.ok(found.kind === "found");
    assert.deepEqual({ ...found.rows.get(KEY) }, { n: 7 });
    assert.equal(reader.lastWrittenMs, null);
  }
  assert.deepEqual([...new Set(server.commands)], ["GETRANGE"]);
});

test("openStateReader: a server that is not there, or says nothing, is told in one line", async () => {
  const gone = await openStateReader({ kind: "redis", url: "redis://:secret@127.0.0.1:1/0" });
  assert.match("reason" in gone ? gone.reason : "", /^Cannot reach redis:\/\/127\.0\.0\.1:1\/0/);
  await using silent = await serveFake(() => {});
  const mute = await openStateReader({ kind: "redis", url: silent.url }, { deadlineMs: 100 });
  assert.match("reason" in mute ? mute.reason : "", /^no answer within 0\.1 s/);
});
