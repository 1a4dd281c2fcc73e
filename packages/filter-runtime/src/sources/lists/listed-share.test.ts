import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { addresses, honestly, labels, testedStage, usual } from "./testing/list-stage.ts";
import { client, connect, HONEST, hash, warm } from "./testing/traffic-stage.ts";

/** What share of strangers a list lists says nothing of it: public servers meet listed clients all day. */
for (const percent of [1, 5, 30, 60, 85, 95, 100]) {
  test(`createListSource: an honest list of ${percent} % of the clients is used for all of them`, async (t) => {
    always(t);
    const stage = await warm();
    const clients = Array.from({ length: HONEST }, (_, i) => client(82, i));
    const listed = clients.filter((address) => hash(address) % 100 < percent);
    stage.world.behaviour = honestly(Object.fromEntries(listed.map((one) => [one, "127.0.0.9"])));
    const { believed, refused } = await connect(stage, 82, HONEST);
    assert.deepEqual([believed, refused], [listed.length, listed.length]);
    assert.deepEqual(stage.alarms, []);
  });
}

test("createListSource: ten connections from one listed /64 hold nothing back", async () => {
  const { look, world, alarms } = await testedStage();
  world.behaviour = (address) =>
    address.startsWith("2a02:bad:") ? addresses("127.0.0.4") : usual(address);
  for (let i = 1; i <= 10; i += 1) assert.deepEqual(await look(`2a02:bad::${i}`), labels("xbl"));
  assert.deepEqual(await look("2a02::1"), labels("xbl"));
  assert.deepEqual(alarms, []);
});

test("createListSource: 100 and more of 200 clients listed mute nothing", async () => {
  const { look, world, alarms } = await testedStage();
  const listed = Array.from({ length: 200 }, (_, i) => client(83, i)).filter((_, i) => i % 4 > 0);
  world.behaviour = honestly(Object.fromEntries(listed.map((one) => [one, "127.0.0.2"])));
  for (const one of listed) assert.deepEqual(await look(one), labels("sbl"));
  assert.deepEqual(alarms, []);
});

/** The walk through the control addresses starts at random. */
function always(t: TestContext): void {
  t.mock.method(Math, "random", () => 0.5);
}
