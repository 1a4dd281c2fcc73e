import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { openStateStore, type StateStore, type StoreEvent } from "@postern/state-store";
import { realMtaAvailability } from "../mta/available.ts";
import { startRedis } from "./redis-server.ts";

const availability = realMtaAvailability();
const skip = availability.kind === "skip" && availability.reason;
const options = { skip, timeout: 120_000 };
const one = { key: "k", add: { n: 1 }, day: 20_781, ttlSeconds: 86_400 };

async function openOn(url: string, onEvent: (event: StoreEvent) => void = () => {}) {
  if (availability.kind === "forbidden-skip") throw new Error(availability.reason);
  return openStateStore({ kind: "redis", url }, { readDeadlineMs: 5_000, onEvent });
}

async function keysFound(store: StateStore, ...keys: readonly string[]): Promise<string[]> {
  const found = await store.read(keys);
  assert.ok(found.kind === "found", JSON.stringify(found));
  return [...found.rows.keys()];
}

test("redis: two daemons add to one row, and each sees the other's", options, async () => {
  await using server = await startRedis();
  await using first = await openOn(server.url);
  await using second = await openOn(server.url);
  const work = [first, second].map(async (store) => {
    for (let batch = 0; batch < 10; batch += 1) {
      store.write(Array.from({ length: 500 }, () => one));
      await store.flush();
    }
  });
  await Promise.all(work);
  for (const store of [first, second]) {
    const found = await store.read(["k"]);
    assert.deepEqual(found.kind === "found" && { ...found.rows.get("k") }, { n: 10_000 });
  }
});

test(
  "redis: 64 MB and other types under our keys cost the row alone, and stay",
  options,
  async () => {
    await using server = await startRedis();
    await server.command("SETRANGE", "postern:{huge}", "67108863", "x");
    await server.command("HSET", "postern:{hash}", "n", "1");
    await server.command("SET", "postern:{text}", "clean=1;clean=2");
    await using store = await openOn(server.url);
    store.write(["huge", "hash", "text", "k"].map((key) => ({ ...one, key })));
    await store.flush();
    assert.deepEqual(await keysFound(store, "huge", "hash", "text", "k"), ["k"]);
    const { written, refused, unreadable, state } = store.counters();
    assert.deepEqual(
      { written, refused, unreadable, state },
      { written: 1, refused: 3, unreadable: 6, state: "up" },
    );
    assert.equal(await server.command("STRLEN", "postern:{huge}"), "67108864");
    // What left the server is far less than what it holds.
    const sent = /total_net_output_bytes:(\d+)/.exec(await server.command("INFO", "stats"));
    assert.ok(Number(sent?.[1]) < 1_000_000, sent?.[0]);
    assert.equal(await store.forget("huge"), true);
    assert.deepEqual(await keysFound(store, "huge", "k"), ["k"]);
  },
);

test("redis: rows have a time to live, and one slot each", options, async () => {
  await using server = await startRedis();
  await using store = await openOn(server.url);
  store.write([{ ...one, key: "domain:example.org" }]);
  await store.flush();
  const ttl = Number(await server.command("TTL", "postern:{domain:example.org}"));
  assert.ok(ttl > 86_000 && ttl <= 86_400, String(ttl));
  await server.command("SCRIPT", "FLUSH");
  store.write([one]);
  await store.flush();
  assert.deepEqual(await keysFound(store, "k"), ["k"]);
});

for (const [name, ...command] of [
  ["a replica", "REPLICAOF", "127.0.0.1", "1"],
  ["a password it has now", "CONFIG", "SET", "requirepass", "x"],
  ["no memory", "CONFIG", "SET", "maxmemory", "1"],
]) {
  test(`redis: ${name}: down, told once, what was queued stays`, options, async () => {
    await using server = await startRedis();
    const events: StoreEvent[] = [];
    await using store = await openOn(server.url, (event) => void events.push(event));
    assert.deepEqual(await keysFound(store, "k"), []);
    await server.command(...command);
    // A password is asked for on new connections only.
    if (command.includes("requirepass"))
      await server.command("-a", "x", "CLIENT", "KILL", "TYPE", "normal");
    for (let tries = 0; tries < 6; tries += 1) {
      store.write([one]);
      await store.flush();
    }
    assert.equal(store.counters().state, "down");
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["down"],
    );
    assert.equal((await store.read(["k"])).kind, "unavailable");
    const { queued, unconfirmed, written } = store.counters();
    assert.equal(queued + unconfirmed, 6);
    assert.equal(written, 0);
  });
}

test("redis: a server that dies, and one that hangs: unavailable, in time", options, async () => {
  await using server = await startRedis();
  const events: StoreEvent[] = [];
  await using store = await openStateStore(
    { kind: "redis", url: server.url },
    { readDeadlineMs: 100, onEvent: (event) => void events.push(event) },
  );
  server.process.kill("SIGSTOP");
  for (let tries = 0; tries < 6; tries += 1) {
    assert.equal((await store.read(["k"])).kind, "unavailable");
  }
  assert.equal(store.counters().late, 5);
  const ended = once(server.process, "exit");
  server.process.kill("SIGKILL");
  await ended;
  assert.equal((await store.read(["k"])).kind, "unavailable");
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["down"],
  );
});
