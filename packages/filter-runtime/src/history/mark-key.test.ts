import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "@postern/smtp-filter/testing";
import { type MapStore, mapStore } from "../testing/map-store.ts";
import { keepMarkKey, MARK_KEY_ROW, type MarkKeyStore, readMarkKey } from "./mark-key.ts";

const HOUR_MS = 3_600_000;

function flushed(store: MapStore): MarkKeyStore {
  return { ...store, read: (keys) => store.read(keys), flush: async () => {} };
}

test("keepMarkKey: whoever comes first has made it, and everybody has the same", async () => {
  const store = mapStore();
  const keepers = [1, 2, 3].map(() => keepMarkKey(flushed(store), fakeClock()));
  await Promise.all(keepers.map((keeper) => keeper.agree()));
  const [first, ...others] = keepers.map((keeper) => keeper.current());
  assert.equal(first?.secret.length, 32);
  for (const other of others) assert.deepEqual(other, first);
  const again = keepMarkKey(flushed(store), fakeClock());
  await again.agree();
  assert.deepEqual(again.current(), first);
});

test("keepMarkKey: two stores have two keys", async () => {
  const keepers = [1, 2].map(() => keepMarkKey(flushed(mapStore()), fakeClock()));
  await Promise.all(keepers.map((keeper) => keeper.agree()));
  const [one, other] = keepers.map((keeper) => keeper.current());
  assert.notDeepEqual(one?.secret, other?.secret);
  assert.notEqual(one?.name, other?.name);
});

test("keepMarkKey: where the store does not answer there is none, and it is asked again later", async () => {
  const store = mapStore();
  const clock = fakeClock();
  store.be("down");
  const keeper = keepMarkKey(flushed(store), clock);
  await keeper.agree();
  assert.equal(keeper.current(), undefined);
  store.be("up");
  assert.equal(keeper.current(), undefined);
  await clock.advance(6_000);
  keeper.current();
  await clock.advance(0);
  assert.ok(keeper.current());
});

test("keepMarkKey: a row that was evicted is written again, with the same key", async () => {
  const store = mapStore();
  const clock = fakeClock();
  const keeper = keepMarkKey(flushed(store), clock);
  await keeper.agree();
  const key = keeper.current();
  store.rows.delete(MARK_KEY_ROW);
  await clock.advance(HOUR_MS + 1);
  assert.deepEqual(keeper.current(), key);
  await clock.advance(0);
  assert.deepEqual(readMarkKey(store.rows.get(MARK_KEY_ROW)), key);
  assert.deepEqual(keeper.current(), key);
});

test("keepMarkKey: a key that others have agreed upon meanwhile is taken over", async () => {
  const store = mapStore();
  const clock = fakeClock();
  const keeper = keepMarkKey(flushed(store), clock);
  await keeper.agree();
  store.rows.delete(MARK_KEY_ROW);
  const other = keepMarkKey(flushed(store), clock);
  await other.agree();
  await clock.advance(HOUR_MS + 1);
  keeper.current();
  await clock.advance(0);
  assert.deepEqual(keeper.current(), other.current());
});

for (const [name, row] of [
  ["there is none", undefined],
  ["half of it", { k0: 1, k1: 2, k2: 3, k3: 4 }],
  ["no whole number", { k0: 0.5, k1: 1, k2: 1, k3: 1, k4: 1, k5: 1, k6: 1, k7: 1 }],
  ["more than 32 bits", { k0: 2 ** 32, k1: 1, k2: 1, k3: 1, k4: 1, k5: 1, k6: 1, k7: 1 }],
  ["less than nothing", { k0: -1, k1: 1, k2: 1, k3: 1, k4: 1, k5: 1, k6: 1, k7: 1 }],
] as const)
  test(`readMarkKey: ${name}: no key`, () => assert.equal(readMarkKey(row), undefined));
