import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIdentity } from "@postern/filter-core";
import { openHistory, systemClock } from "@postern/filter-runtime";
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
  for (let visit = 0; visit < 2; visit += 1) {
    await came(flood);
    day += 1;
  }
  const kept = [...earned.map(({ key }) => key), "wrote:a@example.net", "wrote:@example.net"];
  assert.deepEqual([...((await history.recall(kept))?.keys() ?? [])], kept);
  assert.equal(history.learningDays(), 92);
});
