import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { systemClock } from "@postern/smtp-filter";
import type { State } from "./config/state.ts";
import { openConfiguredStore } from "./configured-store.ts";

const folder = mkdtempSync(join(tmpdir(), "postern-store-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "file");
writeFileSync(file, "no database, and no folder");

const rows: readonly (readonly [name: string, state: State, says: RegExp, learns: boolean])[] = [
  ["none", { kind: "none" }, /^nothing is learned about senders: state is none$/, false],
  [
    "memory",
    { kind: "memory" },
    /^learned reputation is kept in memory, and lost at a restart$/,
    true,
  ],
  [
    "a file",
    { kind: "sqlite", path: join(folder, "new/state.db") },
    /^learned reputation is kept in sqlite:\/.*\/new\/state\.db$/,
    true,
  ],
  [
    "the default file where no folder can be made",
    { kind: "sqlite", path: join(file, "postern/state.db"), isDefault: true },
    /^learned reputation is kept in memory, and lost at a restart: \/.*\/file\/postern .*; set state: sqlite:/,
    true,
  ],
  [
    "a file of another program",
    { kind: "sqlite", path: file },
    /^sqlite:\/.*\/file cannot be used; mail is judged without it: /,
    true,
  ],
  [
    "a Redis that is not there",
    { kind: "redis", url: "redis://:secret@127.0.0.1:1/0" },
    /^redis:\/\/127\.0\.0\.1:1\/0 cannot be used; mail is judged without it: /,
    true,
  ],
];
for (const [name, state, says, learns] of rows) {
  test(`openConfiguredStore: says once, and truly, where state is kept: ${name}`, async () => {
    const said: string[] = [];
    const store = await openConfiguredStore(
      {
        state,
        limits: {
          connections: 1,
          pendingMiB: 64,
          messageDeadlineMs: 1000,
          stateDeadlineMs: 50,
          sessionCpuMs: 30_000,
          networkCpuMs: 45_000,
        },
      },
      (text) => said.push(text),
      systemClock,
    );
    await store.close();
    assert.equal(said.length, 1, said.join("\n"));
    assert.match(said[0] ?? "", says);
    assert.equal(store.history !== null, learns);
  });
}

test("openConfiguredStore: two processes that start at once, and one that comes later, have one key for marks", async () => {
  const state = { kind: "sqlite", path: join(folder, "keys/state.db") } as const;
  const limits = {
    connections: 1,
    pendingMiB: 64,
    messageDeadlineMs: 1000,
    stateDeadlineMs: 50,
    sessionCpuMs: 30_000,
    networkCpuMs: 45_000,
  };
  const names = new Set<string | undefined>();
  const open = () => openConfiguredStore({ state, limits }, () => {}, systemClock);
  for (const stores of [await Promise.all([open(), open()]), [await open()]])
    for (const store of stores) {
      while (store.markKeeper?.current() === undefined) await store.markKeeper?.agree();
      names.add(store.markKeeper?.current()?.name);
      await store.close();
    }
  assert.match([...names].join(), /^[0-9a-f]{8}$/);
});

test("openConfiguredStore: where nothing is learned there is no key for marks", async () => {
  const limits = {
    connections: 1,
    pendingMiB: 64,
    messageDeadlineMs: 1000,
    stateDeadlineMs: 50,
    sessionCpuMs: 30_000,
    networkCpuMs: 45_000,
  };
  const none = { state: { kind: "none" }, limits } as const;
  assert.equal((await openConfiguredStore(none, () => {}, systemClock)).markKeeper, null);
});
