import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIdentity } from "@postern/filter-core";
import { keepMarkKey, MARK_KEY_ROW, openHistory } from "@postern/filter-runtime";
import { systemClock } from "@postern/smtp-filter";
import { openStateStore } from "@postern/state-store";
import { loadConfig } from "./config/load.ts";

const { policy } = await loadConfig({ cwd: "/", systemFile: null, hostname: "mx.example.org" });
const reputation = policy.reputation ?? assert.fail();
const id = (text: string) => parseIdentity(text) ?? assert.fail(text);

test("cheap identities that come back on a second day cost no sender that has earned more, and rests", async () => {
  let day = 20_781;
  const clock = { ...systemClock, wallMs: () => day * 86_400_000 };
  await using store = await openStateStore({ kind: "memory" }, { maxKeys: 100, clock });
  const history = openHistory(store, clock);
  const earned = ["domain:example.com", "address:192.0.2.7"].map(id);
  const came = async (identities: readonly ReturnType<typeof id>[]): Promise<void> => {
    for (const one of identities) history.learn("clean", [one], reputation);
    await store.flush();
  };
  for (let month = 0; month < 3; month += 1) {
    await came(earned);
    day += 30;
  }
  history.wrote({ address: "wrote:a@example.net", domain: "wrote:@example.net" });
  const flood = Array.from({ length: 500 }, (_, one) => id(`domain:flood-${one}.example`));
  // Ten at a time, which all fit among those seen once: the others would never be seen twice.
  for (let at = 0; at < flood.length; at += 10) {
    await came(flood.slice(at, at + 10));
    day += 1;
    await came(flood.slice(at, at + 10));
  }
  const kept = [...earned.map(({ key }) => key), "wrote:a@example.net", "wrote:@example.net"];
  assert.deepEqual([...((await history.recall(kept))?.keys() ?? [])], kept);
  assert.equal(history.learningDays(), 140);
});

test("the key of the marks outlives every sender", async () => {
  await using store = await openStateStore({ kind: "memory" }, { maxKeys: 100 });
  await keepMarkKey(store, systemClock).agree();
  const senders = Array.from({ length: 500 }, (_, at) => `domain:known-${at}.example`);
  for (const key of senders)
    store.write([
      { key, max: { days: 60 }, day: 20_781, ttlSeconds: 86_400, rank: "proven" },
      { key, max: { days: 63 }, day: 20_782, ttlSeconds: 86_400 },
    ]);
  await store.flush();
  const found = await store.read([...senders.slice(0, 200), MARK_KEY_ROW]);
  assert.deepEqual(found.kind === "found" && [...found.rows.keys()], [MARK_KEY_ROW]);
});
