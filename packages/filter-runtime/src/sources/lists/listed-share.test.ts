import assert from "node:assert/strict";
import { test } from "node:test";
import { honestly, LIST } from "./list-stage.ts";
import { client, connect, EVERY_MS, HONEST, hash, warm } from "./traffic-stage.ts";

/** Bystanders are no help here: it knows our clients, or it is a wave of spam. */
const shares: readonly { percent: number; believed: number; alarmAfter: number }[] = [
  { percent: 60, believed: 40, alarmAfter: 200 },
  { percent: 75, believed: 30, alarmAfter: 160 },
  { percent: 100, believed: 9, alarmAfter: 110 },
];
for (const { percent, believed, alarmAfter } of shares) {
  test(`createListSource: a list of ${percent} % of the clients refuses none of 2,000`, async () => {
    const stage = await warm();
    const clients = Array.from({ length: HONEST }, (_, i) => client(82, i));
    const listed = clients.filter((address) => hash(address) % 100 < percent);
    stage.world.behaviour = honestly(Object.fromEntries(listed.map((one) => [one, "127.0.0.2"])));
    const outcome = await connect(stage, 82, HONEST);
    assert.equal(outcome.refused, 0);
    assert.ok(outcome.believed <= believed, `${outcome.believed} believed`);
    const reason = "it lists more than half of the clients";
    assert.deepEqual(stage.alarms, [{ kind: "muted", zone: LIST.zone, reason }]);
    assert.ok((outcome.alarmMs ?? 0) <= alarmAfter * EVERY_MS, `after ${outcome.alarmMs} ms`);
  });
}

for (const percent of [1, 10, 40]) {
  test(`createListSource: a list of ${percent} % of the clients keeps its word`, async () => {
    const stage = await warm();
    const clients = Array.from({ length: HONEST }, (_, i) => client(82, i));
    const listed = clients.filter((_, i) => (i * 37) % 100 < percent);
    stage.world.behaviour = honestly(Object.fromEntries(listed.map((one) => [one, "127.0.0.9"])));
    const { believed, refused } = await connect(stage, 82, HONEST);
    assert.deepEqual([believed, refused], [listed.length, listed.length]);
    assert.deepEqual(stage.alarms, []);
  });
}

test("createListSource: on a normal day there is half a question more for each client", async () => {
  const stage = await warm();
  const before = stage.asked.length;
  const clients = Array.from({ length: HONEST }, (_, i) => client(82, i));
  const listed = clients.filter((_, i) => i % 10 === 0);
  stage.world.behaviour = honestly(Object.fromEntries(listed.map((one) => [one, "127.0.0.4"])));
  await connect(stage, 82, HONEST);
  const perClient = (stage.asked.length - before) / HONEST;
  assert.ok(perClient < 1.55, `${perClient} questions for each client`);
});
