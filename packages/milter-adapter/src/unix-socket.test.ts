import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { UnixListener } from "@postern/smtp-filter/serve";
import { FULL_OFFER } from "./testing/rig.ts";
import { scriptedServer } from "./testing/scripted-server.ts";

/** A folder of its own for each case. */
async function place(
  more: Partial<UnixListener> = {},
): Promise<AsyncDisposable & { folder: string; listener: UnixListener }> {
  const folder = await mkdtemp(join(tmpdir(), "postern-"));
  return {
    folder,
    listener: { kind: "unix", path: join(folder, "p.sock"), mode: 0o660, group: null, ...more },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

test("case 49: the socket has its mode, works, and goes with the server", async () => {
  await using here = await place();
  const { listener } = here;
  {
    await using filter = await scriptedServer({}, { listener });
    assert.equal(filter.server.address, `unix:${listener.path}`);
    assert.equal(filter.server.port, null);
    assert.equal(lstatSync(listener.path).mode & 0o7777, 0o660);
    using mta = await filter.connect();
    mta.send(FULL_OFFER);
    assert.equal(await mta.letters(1), "O");
  }
  assert.deepEqual(readdirSync(here.folder), []);
});

test("case 49: a group by its number", async () => {
  const group = process.getgid?.() ?? 0;
  await using here = await place({ group: String(group), mode: 0o600 });
  await using _filter = await scriptedServer({}, { listener: here.listener });
  const { gid, mode } = lstatSync(here.listener.path);
  assert.deepEqual([gid, mode & 0o7777], [group, 0o600]);
});

test("case 49: a group that does not exist", async () => {
  await using here = await place({ group: "no-such-group" });
  await assert.rejects(
    scriptedServer({}, { listener: here.listener }),
    /^Error: Cannot give the socket to group no-such-group/,
  );
  assert.deepEqual(readdirSync(here.folder), []);
});

test("case 49: a stale socket is replaced", async () => {
  await using here = await place();
  const { path } = here.listener;
  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", script]);
  assert.ok(lstatSync(path).isSocket());
  await using filter = await scriptedServer({}, { listener: here.listener });
  using mta = await filter.connect();
  mta.send(FULL_OFFER);
  assert.equal(await mta.letters(1), "O");
});

test("case 49: a socket that answers is refused, and goes on", async () => {
  await using here = await place();
  const { listener } = here;
  await using filter = await scriptedServer({}, { listener });
  await assert.rejects(
    scriptedServer({}, { listener }),
    new RegExp(`^Error: Cannot listen on unix:${listener.path}: already in use`),
  );
  using mta = await filter.connect();
  mta.send(FULL_OFFER);
  assert.equal(await mta.letters(1), "O");
});

for (const { name, make } of [
  { name: "a file", make: (path: string) => writeFileSync(path, "precious") },
  { name: "a symlink", make: (path: string) => symlinkSync("/etc/passwd", path) },
  { name: "a symlink to nowhere", make: (path: string) => symlinkSync("nowhere", path) },
]) {
  test(`case 49: ${name} is refused and left alone`, async () => {
    await using here = await place();
    const { path } = here.listener;
    make(path);
    const before = lstatSync(path).ino;
    await assert.rejects(
      scriptedServer({}, { listener: here.listener }),
      new RegExp(`^Error: Cannot listen on unix:${path}: it is a .*, not a socket`),
    );
    assert.equal(lstatSync(path).ino, before);
  });
}

test("case 49: a folder that is not there", async () => {
  await using here = await place();
  const listener: UnixListener = { ...here.listener, path: join(here.folder, "none", "p.sock") };
  await assert.rejects(scriptedServer({}, { listener }), /^Error: Cannot listen on unix:/);
});

test("drain: a socket that is another's by now stays", async () => {
  await using here = await place();
  const { listener } = here;
  await using first = await scriptedServer({}, { listener });
  await rm(listener.path);
  await using _second = await scriptedServer({}, { listener });
  await first.server.drain(0);
  assert.ok(existsSync(listener.path));
});

test("serveMilter: the umask of the process stays as it was", async () => {
  const before = process.umask();
  await using here = await place();
  await using _filter = await scriptedServer({}, { listener: here.listener });
  assert.equal(process.umask(), before);
});
