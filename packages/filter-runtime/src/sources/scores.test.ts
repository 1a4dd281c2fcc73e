import assert from "node:assert/strict";
import { test } from "node:test";
import { type IpAddress, type Lookup, parseIpAddress } from "@postern/filter-core";
import fc from "fast-check";
import { type DnsAnswer, fault, found, type Resolver } from "../dns/resolver.ts";
import { fakeClock } from "../testing/fake-clock.ts";
import { createScoreSource, type MuteReason } from "./scores.ts";

const NONE: DnsAnswer = { status: "none", reason: "nxdomain" };
const CLIENT = address("192.0.2.1");

/** A source with one zone whose answer can be changed. */
function stack() {
  const clock = fakeClock();
  const alarms: { zone: string; reason: MuteReason }[] = [];
  const questions: string[] = [];
  const world = { answer: NONE };
  const resolver: Resolver = {
    ask: async (name, type) => {
      questions.push(`${type} ${name}`);
      return world.answer;
    },
  };
  const source = createScoreSource({
    zones: ["score.test"],
    clock,
    onAlarm: (alarm) => alarms.push(alarm),
  });
  const look = async (client: IpAddress = CLIENT) => {
    const [first] = await source.lookUp(resolver, client);
    return first?.result;
  };
  return { clock, alarms, questions, world, source, resolver, look };
}

const cases: readonly { answer: DnsAnswer; result: Lookup<number>; alarm?: MuteReason }[] = [
  { answer: found(["127.0.4.0"]), result: score(0) },
  { answer: found(["127.0.4.42"]), result: score(42) },
  { answer: found(["127.0.4.100"]), result: score(100) },
  { answer: found(["127.0.4.80", "127.0.4.7"]), result: score(7) },
  { answer: found(["127.0.0.2", "127.0.4.7"]), result: score(7) },
  { answer: found(["127.0.4.101"]), result: temperror("not a score") },
  { answer: found(["127.0.0.2"]), result: temperror("not a score") },
  { answer: found(["127.1.4.50"]), result: temperror("not a score") },
  { answer: NONE, result: { status: "none" } },
  { answer: { status: "none", reason: "nodata" }, result: { status: "none" } },
  { answer: fault("timeout"), result: temperror("timeout") },
  {
    answer: found(["127.255.255.254"]),
    result: temperror("zone refuses us"),
    alarm: "zone refuses us",
  },
  {
    answer: found(["127.0.4.50", "127.255.255.252"]),
    result: temperror("zone refuses us"),
    alarm: "zone refuses us",
  },
  {
    answer: found(["192.0.2.1"]),
    result: temperror("answer outside 127.0.0.0/8"),
    alarm: "answer outside 127.0.0.0/8",
  },
  {
    answer: found(["127.0.4.50", "192.0.2.1"]),
    result: temperror("answer outside 127.0.0.0/8"),
    alarm: "answer outside 127.0.0.0/8",
  },
];
for (const { answer, result, alarm } of cases) {
  const name = answer.status === "found" ? answer.value.join(" ") : Object.values(answer).join(" ");
  test(`createScoreSource: ${name}`, async () => {
    const { world, look, alarms } = stack();
    world.answer = answer;
    assert.deepEqual(await look(), result);
    assert.deepEqual(alarms, alarm === undefined ? [] : [{ zone: "score.test", reason: alarm }]);
  });
}

test("createScoreSource: asks for the octets, or the nibbles, of the client", async () => {
  const { look, questions } = stack();
  await look();
  await look(address("2001:db8::1"));
  assert.deepEqual(questions, [
    "A 1.2.0.192.score.test",
    "A 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.score.test",
  ]);
});

test("createScoreSource: a muted zone is not asked for 15 minutes, then trusted anew", async () => {
  const { clock, world, look, questions, alarms } = stack();
  world.answer = found(["127.255.255.254"]);
  await look();
  world.answer = found(["127.0.4.9"]);
  await clock.advance(15 * 60_000 - 1);
  assert.deepEqual(await look(), temperror("muted"));
  assert.equal(questions.length, 1);
  await clock.advance(1);
  assert.deepEqual(await look(), score(9));
  assert.equal(alarms.length, 1);
  world.answer = found(["192.0.2.1"]);
  await look();
  assert.equal(alarms.length, 2);
});

test("createScoreSource: answers that come together raise one alarm", async () => {
  const { world, look, alarms } = stack();
  world.answer = found(["127.255.255.254"]);
  const results = await Promise.all([look(), look(), look()]);
  assert.equal(alarms.length, 1);
  assert.deepEqual(results.slice(1), [temperror("muted"), temperror("muted")]);
});

test("createScoreSource: 50 clients in a row with one score mute the zone", async () => {
  const { clock, world, look, alarms } = stack();
  world.answer = found(["127.0.4.10"]);
  for (let i = 1; i < 50; i += 1) assert.deepEqual(await look(client(i)), score(10));
  assert.deepEqual(await look(client(50)), temperror("same score for everyone"));
  assert.deepEqual(await look(client(51)), temperror("muted"));
  assert.deepEqual(alarms, [{ zone: "score.test", reason: "same score for everyone" }]);
  await clock.advance(15 * 60_000);
  assert.deepEqual(await look(client(52)), score(10));
});

const breaks: readonly { name: string; answer: DnsAnswer; client: IpAddress }[] = [
  { name: "another score", answer: found(["127.0.4.11"]), client: client(99) },
  { name: "a client without a score", answer: NONE, client: client(99) },
];
for (const { name, answer, client: other } of breaks) {
  test(`createScoreSource: ${name} ends the row`, async () => {
    const { world, look, alarms } = stack();
    for (let round = 0; round < 3; round += 1) {
      world.answer = found(["127.0.4.10"]);
      for (let i = 1; i < 50; i += 1) await look(client(i));
      world.answer = answer;
      await look(other);
    }
    assert.deepEqual(alarms, []);
  });
}

test("createScoreSource: one client that comes back, and failures, make no row", async () => {
  const { world, look, alarms } = stack();
  for (let i = 0; i < 200; i += 1) {
    world.answer = i % 2 === 0 ? found(["127.0.4.10"]) : fault("timeout");
    await look();
  }
  assert.deepEqual(alarms, []);
});

test("createScoreSource: zones are apart and keep their order", async () => {
  const source = createScoreSource({ zones: ["mad.test", "good.test"], clock: fakeClock() });
  const resolver: Resolver = {
    ask: async (name) => found([name.endsWith("mad.test") ? "10.0.0.1" : "127.0.4.77"]),
  };
  await source.lookUp(resolver, CLIENT);
  assert.deepEqual(await source.lookUp(resolver, CLIENT), [
    { zone: "mad.test", result: temperror("muted") },
    { zone: "good.test", result: score(77) },
  ]);
});

test("createScoreSource: any answer gives 0 to 100, none or a temperror", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.ipV4(), { minLength: 1 }), async (addresses) => {
      const { world, look } = stack();
      world.answer = found(addresses);
      const result = await look();
      if (result?.status === "found") assert.ok(result.value >= 0 && result.value <= 100);
      else assert.equal(result?.status, "temperror");
    }),
  );
});

function client(i: number): IpAddress {
  return address(`198.51.100.${i}`);
}

function score(value: number): Lookup<number> {
  return { status: "found", value };
}

function temperror(detail: string): Lookup<number> {
  return { status: "temperror", detail };
}

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  assert.ok(parsed !== undefined);
  return parsed;
}
