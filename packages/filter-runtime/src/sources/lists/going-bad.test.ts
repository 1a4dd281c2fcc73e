import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { CACHE_LIMITS, cache, fault, resolverOf } from "@postern/dns";
import { type IpAddress, isIpv6 } from "@postern/smtp-filter";
import {
  addresses,
  type Behaviour,
  honestly,
  LIST,
  type ListStage,
  listStage,
  NONE,
} from "./testing/list-stage.ts";
import {
  befriend,
  client,
  connect,
  DELAY_MS,
  friend,
  HONEST,
  hash,
  type Outcome,
  warm,
} from "./testing/traffic-stage.ts";

const SELF = /^(127\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.)/;
const mad = addresses("127.0.0.9", "127.0.0.2", "127.0.0.4");
const good = honestly({});

interface Way {
  readonly name: string;
  readonly behaviour: Behaviour;
  /** Within how many milliseconds of traffic; null: no alarm while there is nothing wrong to see. */
  readonly alarmMs: number | null;
  readonly reason?: string;
}

const ways: readonly Way[] = [
  ...["127.255.255.252", "127.255.255.254", "127.255.255.255"].map((code) => ({
    name: `answers ${code}`,
    behaviour: () => addresses(code),
    alarmMs: 100,
    reason: "it refuses our questions",
  })),
  {
    name: "answers outside 127/8",
    behaviour: () => addresses("198.51.100.80"),
    alarmMs: 100,
    reason: "it answers outside 127.0.0.0/8",
  },
  {
    name: "is a wildcard with valid codes",
    behaviour: () => mad,
    alarmMs: 300,
    reason: "it lists everyone",
  },
  { name: "is gone", behaviour: () => NONE, alarmMs: null },
  {
    name: "lists everyone and passes its test",
    behaviour: (address) => (SELF.test(address) ? good(address) : mad),
    alarmMs: 300,
    reason: "it lists everyone",
  },
  ...[90, 60].map((percent) => ({
    name: `lists ${percent} % of all addresses and passes its test`,
    behaviour: (address: IpAddress) =>
      SELF.test(address) || hash(address) % 100 >= percent ? good(address) : mad,
    alarmMs: 300,
    reason: "it lists everyone",
  })),
  { name: "times out", behaviour: () => fault("timeout"), alarmMs: null },
];
for (const { name, behaviour, alarmMs, reason } of ways) {
  const check = (outcome: Outcome, { alarms }: ListStage) => {
    assert.equal(outcome.refused, 0);
    assert.equal(outcome.believed, 0);
    if (alarmMs === null) assert.deepEqual(alarms, []);
    else assert.deepEqual(alarms, [{ kind: "muted", zone: LIST.zone, reason }]);
    assert.ok((outcome.alarmMs ?? 0) <= (alarmMs ?? 0), `alarm after ${outcome.alarmMs} ms`);
  };

  test(`createListSource: a list that ${name} refuses none of 2,000`, async (t) => {
    always(t);
    const stage = await warm();
    stage.world.behaviour = behaviour;
    check(await connect(stage, 82, HONEST), stage);
  });

  test(`createListSource: a list that ${name} from its first client on refuses none`, async (t) => {
    always(t);
    const stage = listStage({ delayMs: DELAY_MS });
    stage.source.start(stage.resolver);
    await stage.clock.advance(2 * DELAY_MS);
    stage.world.behaviour = behaviour;
    check(await connect(stage, 82, HONEST), stage);
  });
}

/** With the walk of each run started elsewhere: 8 of 8 control addresses are spared one time in 1,500. */
for (const start of [0.3, 0.9]) {
  for (const percent of [40, 60]) {
    test(`createListSource: from ${start} on, a list that goes bad for ${percent} % refuses none of 2,000`, async (t) => {
      t.mock.method(Math, "random", () => start);
      const stage = await warm();
      stage.world.behaviour = (address) =>
        SELF.test(address) || hash(address) % 100 >= percent ? good(address) : mad;
      const { refused } = await connect(stage, 82, HONEST);
      assert.equal(refused, 0);
      assert.equal(stage.alarms.length, 1);
    });
  }
}

for (const percent of [100, 60]) {
  test(`createListSource: a list that lists ${percent} % of our good clients, and nobody else, refuses none of 2,000`, async () => {
    const stage = await warm();
    await befriend(stage, 83, HONEST);
    stage.world.behaviour = (address) =>
      address.startsWith("83.") && hash(address) % 100 < percent ? mad : good(address);
    const { refused } = await connect(stage, 83, HONEST, friend);
    assert.equal(refused, 0);
    const reason = "it lists clients that are known to be good here";
    assert.deepEqual(stage.alarms.at(-1), { kind: "muted", zone: LIST.zone, reason });
  });
}

test("createListSource: an honest list that lists 1 % of our good clients, hacked ones, is used for them", async () => {
  const stage = await warm();
  await befriend(stage, 83, HONEST);
  stage.world.behaviour = (address) =>
    address.startsWith("83.") && hash(address) % 100 < 1 ? mad : good(address);
  const listed = Array.from({ length: HONEST }, (_, i) => friend(83, i)).filter(
    (address) => hash(address) % 100 < 1,
  );
  const { believed } = await connect(stage, 83, HONEST, friend);
  assert.equal(believed, listed.length);
  assert.deepEqual(stage.alarms, []);
});

test("createListSource: what our own cache remembers of a wildcard's good time hides nothing", async () => {
  const stage = listStage({ delayMs: DELAY_MS });
  const { clock, source, world } = stage;
  const { ask } = cache(({ name, type }) => stage.resolver.ask(name, type), clock, CACHE_LIMITS);
  const resolver = resolverOf((name, type) => ask({ name, type, untilMs: 0 }));
  source.start(resolver);
  await clock.advance(2 * DELAY_MS);
  const entries = Array.from({ length: 30 }, (_, i) => [client(81, i * 10), "127.0.0.4"]);
  world.behaviour = honestly(Object.fromEntries(entries));
  assert.equal((await connect({ ...stage, resolver }, 81, 300)).believed, 30);
  world.behaviour = () => mad;
  const { refused, believed } = await connect({ ...stage, resolver }, 82, HONEST);
  assert.deepEqual([refused, believed, stage.alarms.length], [0, 0, 1]);
});

test("createListSource: a list that lists all of IPv6 refuses no IPv6 client, and comes back", async () => {
  const stage = await warm(0);
  stage.world.behaviour = (address) => (isIpv6(address) ? mad : good(address));
  for (let i = 0; i < 200; i += 1)
    assert.equal((await stage.look(`2a02:${i}::25`))?.status, "temperror");
  await stage.clock.advance(10 * 15 * 60_000);
  const muted = { kind: "muted", zone: LIST.zone, reason: "it lists everyone" };
  assert.deepEqual(stage.alarms, [muted]);
  stage.world.behaviour = good;
  await stage.clock.advance(2 * 15 * 60_000);
  assert.deepEqual(stage.alarms[1], { kind: "back", zone: LIST.zone, unused: 200 });
});

test("createListSource: a list that is gone is told of at its next test", async () => {
  const stage = await warm();
  stage.world.behaviour = () => NONE;
  await stage.clock.advance(15 * 60_000);
  const reason = "it does not list 127.0.0.2";
  assert.deepEqual(stage.alarms, [{ kind: "muted", zone: LIST.zone, reason }]);
});

/** The walk through the control addresses starts at random: all that it meets could be the tenth that is spared. */
function always(t: TestContext): void {
  t.mock.method(Math, "random", () => 0.5);
}
