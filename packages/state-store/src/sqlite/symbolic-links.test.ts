import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openStateReader } from "../open-reader.ts";
import { openStateStore } from "../open-store.ts";
import type { StoreEvent } from "../port.ts";

const one = { key: "k", add: { n: 1 }, day: 20_781, ttlSeconds: 86_400 };

function folderFor(t: TestContext): { path: string; victim: string } {
  const folder = mkdtempSync(join(tmpdir(), "postern-links-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return { path: join(folder, "state.db"), victim: join(folder, "victim") };
}

/** Opens, writes and closes; says what an operator is told. */
async function useOf(path: string): Promise<readonly string[]> {
  const events: StoreEvent[] = [];
  const onEvent = (event: StoreEvent) => void events.push(event);
  const store = await openStateStore(
    { kind: "sqlite", path },
    { onEvent, readDeadlineMs: 6_000, beginDeadlineMs: 30_000 },
  );
  store.write([one]);
  await store.close();
  return events.map((event) => ("reason" in event ? event.reason : event.kind));
}

const TOLD =
  /^Cannot use \S+\/(state\.db\S*): it is a symbolic link; remove the link, or name the file that it leads to in state:$/;

for (const [what, suffix] of [
  ["the file", ""],
  ["its -wal", "-wal"],
  ["its -shm", "-shm"],
  ["its -journal", "-journal"],
] as const) {
  test(`sqlite: ${what} is a symbolic link to a file: refused, and that file stays as it was`, async (t) => {
    const { path, victim } = folderFor(t);
    // Empty, so that it could be taken for a new file and given another mode.
    writeFileSync(victim, "", { mode: 0o600 });
    symlinkSync(victim, `${path}${suffix}`);
    const [reason = "", ...more] = await useOf(path);
    assert.equal(TOLD.exec(reason)?.[1], `state.db${suffix}`, reason);
    assert.deepEqual(more, []);
    const { size, mode } = statSync(victim);
    assert.deepEqual([size, (mode & 0o777).toString(8)], [0, "600"]);
  });

  test(`sqlite: ${what} is a symbolic link to nowhere: refused, and nothing is made there`, async (t) => {
    const { path, victim } = folderFor(t);
    symlinkSync(victim, `${path}${suffix}`);
    const [reason = ""] = await useOf(path);
    assert.equal(TOLD.exec(reason)?.[1], `state.db${suffix}`, reason);
    assert.equal(existsSync(victim), false);
  });

  test(`sqlite, only to read: ${what} is a symbolic link: refused`, async (t) => {
    const { path, victim } = folderFor(t);
    const real = suffix === "" ? victim : path;
    assert.deepEqual(await useOf(real), []);
    if (suffix !== "") writeFileSync(victim, "");
    symlinkSync(victim, `${path}${suffix}`);
    const reader = await openStateReader({ kind: "sqlite", path }, { deadlineMs: 30_000 });
    assert.ok("reason" in reader);
    assert.equal(TOLD.exec(reader.reason)?.[1], `state.db${suffix}`, reader.reason);
    unlinkSync(`${path}${suffix}`);
  });
}

test("sqlite: a link that takes the place of an open file is noticed, and what it leads to is not written", async (t) => {
  const { path, victim } = folderFor(t);
  const events: StoreEvent[] = [];
  let tell = (_: StoreEvent): void => {};
  const onEvent = (event: StoreEvent) => {
    events.push(event);
    tell(event);
  };
  await using store = await openStateStore(
    { kind: "sqlite", path },
    { onEvent, beginDeadlineMs: 30_000 },
  );
  store.write([one]);
  await store.flush();
  assert.deepEqual(events, []);
  const down = new Promise<StoreEvent>((resolve) => {
    tell = resolve;
  });
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`);
  writeFileSync(victim, "");
  symlinkSync(victim, path);
  // The thread looks every five seconds, and a write meets what it finds.
  const writing = setInterval(() => store.write([one]), 100);
  t.after(() => clearInterval(writing));
  const told = await down;
  assert.ok(told.kind === "down");
  assert.match(told.reason, TOLD);
  assert.equal(statSync(victim).size, 0);
  assert.ok(lstatSync(path).isSymbolicLink());
});

test("sqlite: a folder that is a symbolic link is the administrator's own affair", async (t) => {
  const { path, victim } = folderFor(t);
  mkdirSync(victim);
  const folder = `${path}.folder`;
  symlinkSync(victim, folder);
  assert.deepEqual(await useOf(join(folder, "state.db")), []);
  assert.ok(existsSync(join(victim, "state.db")));
});

test("sqlite: a device is no file", async () => {
  const [reason = ""] = await useOf("/dev/null");
  assert.match(reason, /^Cannot use \/dev\/null: it is not a file/);
});
