import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../../packages/postern/src/config/load.ts";
import { play } from "./play.ts";
import { figuresOf, replayChanges } from "./shares.ts";
import { makeTraffic } from "./traffic.ts";

const { policy } = await loadConfig({ cwd: "/", systemFile: null, hostname: "mx.example.org" });
const { complaints: _, ...evidenceOnly } = policy.reputation ?? assert.fail();
const traffic = makeTraffic(7, 0.02);

test("simulation: marks of every second reader stop a launderer and a hijacker that nothing else stops", async () => {
  const groups = ["hijacked domains", "launderer, spam after 15 days", "launderers' clean mail"];
  const some = traffic.filter(({ group }) => groups.includes(group));
  const spamIn = async (under: typeof policy): Promise<number> =>
    figuresOf(await play(some, under, { markRate: 0.5 })).spamIn;
  assert.ok((await spamIn({ ...policy, reputation: evidenceOnly })) > 0.8);
  assert.ok((await spamIn(policy)) < 0.2);
});

test("simulation: the same seed gives the same mail and the same end", async () => {
  const some = makeTraffic(7, 0.02).slice(0, 1_000);
  const ends = async (mail: typeof some): Promise<readonly string[]> =>
    (await play(mail, policy, { markRate: 0.1 })).map(({ ending }) => ending);
  assert.deepEqual(await ends(some), await ends(traffic.slice(0, 1_000)));
});

test("simulation: who replays a signed message changes nothing for whoever signed it", async () => {
  assert.ok(traffic.some(({ group }) => group === "replay of a signed message"));
  assert.equal(await replayChanges(traffic, policy), 0);
});
