import assert from "node:assert/strict";
import { test } from "node:test";
import { estimateOn, parseIdentity, type ReputationPolicy, worthOn } from "@postern/filter-core";
import { openStateStore } from "@postern/state-store";
import { loadConfig } from "../config/load.ts";
import { type Mark, markMail } from "./marks.ts";

const { policy } = await loadConfig({ cwd: "/", systemFile: null, hostname: "mx.example.org" });
const reputation: ReputationPolicy = policy.reputation ?? assert.fail();
const identity = parseIdentity("domain:example.com") ?? assert.fail();
const today = 20_781;

async function after(...marks: readonly [id: string, mark: Mark, day: number][]) {
  await using store = await openStateStore({ kind: "memory" });
  const kinds: string[] = [];
  for (const [id, mark, day] of marks)
    kinds.push((await markMail(store, { id, identities: [identity] }, mark, reputation, day)).kind);
  const found = await store.read([identity.key]);
  assert.equal(found.kind, "found");
  const row = (found.kind === "found" && found.rows.get(identity.key)) || {};
  return { kinds, worth: Object.fromEntries(worthOn(today, row)), row };
}

test("markMail: a message counts once, however often it is said", async () => {
  const { kinds, worth } = await after(["a", "spam", today], ["a", "spam", today]);
  assert.deepEqual(kinds, ["marked", "already"]);
  assert.ok(Math.abs((worth["markedSpam"] ?? 0) - 1) < 1e-9);
});

test("markMail: the opposite takes the first word back, days later too", async () => {
  const { worth } = await after(["a", "spam", today - 10], ["a", "ham", today]);
  assert.ok((worth["markedSpam"] ?? 0) < 1e-9);
  assert.ok(Math.abs((worth["markedHam"] ?? 0) - 1) < 1e-9);
});

test("markMail: two messages count twice", async () => {
  const { worth, row } = await after(["a", "spam", today], ["b", "spam", today]);
  assert.ok(Math.abs((worth["markedSpam"] ?? 0) - 2) < 1e-9);
  assert.ok(estimateOn(today, row, reputation.weights).score < 50);
});
