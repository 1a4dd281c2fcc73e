import assert from "node:assert/strict";
import { test } from "node:test";
import { type DnsAnswer, fault, found, resolverOf } from "@postern/dns";
import type { Lookup } from "@postern/filter-core";
import { type IpAddress, parseDomain, parseIpAddress } from "@postern/smtp-filter";
import { fakeClock } from "@postern/smtp-filter/testing";
import fc from "fast-check";
import { createScoreSource, type MuteReason } from "./scores.ts";

const NONE: DnsAnswer = { status: "none", reason: "nxdomain" };
const CLIENT = address("192.0.2.1");

/** A source with one zone whose answer can be changed. */
function stack() {
  const clock = fakeClock();
  const alarms: { zone: string; reason: MuteReason }[] = [];
  const questions: string[] = [];
  const world: { answer: DnsAnswer; about: (name: string) => DnsAnswer | undefined } = {
    answer: NONE,
    about: () => undefined,
  };
  const resolver = resolverOf(async (name, type) => {
    questions.push(`${type} ${name}`);
    return world.about(name) ?? world.answer;
  });
  const source = createScoreSource({
    zones: ["score.test"],
    clock,
    pace: { restMs: 0, crowd: 1, crowdRestMs: 0 },
    doubtBelow: 70,
    onAlarm: (alarm) => alarms.push(alarm),
  });
  const look = async (client: IpAddress = CLIENT) => {
    const { facts } = await source.lookUp(resolver, client);
    return facts[0]?.result;
  };
  return { clock, alarms, questions, world, source, resolver, look };
}

/** The same, once it asks about others, too; these have no score unless the test says otherwise. */
function started() {
  const stage = stack();
  stage.source.start(stage.resolver);
  stage.world.about = (name) => (OTHERS.test(name) ? NONE : undefined);
  return stage;
}

/** Not the clients of these tests: the control addresses. */
const OTHERS = /^(?!\d+\.(100\.51\.198|2\.0\.192|\d+\.2\.81)\.)/;

const cases: readonly { answer: DnsAnswer; result: Lookup<number> }[] = [
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
  },
  {
    answer: found(["127.0.4.50", "127.255.255.252"]),
    result: temperror("zone refuses us"),
  },
  {
    answer: found(["192.0.2.1"]),
    result: temperror("answer outside 127.0.0.0/8"),
  },
  {
    answer: found(["127.0.4.50", "192.0.2.1"]),
    result: temperror("answer outside 127.0.0.0/8"),
  },
];
for (const { answer, result } of cases) {
  const name = answer.status === "found" ? answer.value.join(" ") : Object.values(answer).join(" ");
  test(`createScoreSource: ${name}`, async () => {
    const { world, look, alarms } = stack();
    world.answer = answer;
    assert.deepEqual(await look(), result);
    assert.deepEqual(alarms, []);
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

const REFUSES = found(["127.255.255.254"]);

test("createScoreSource: a zone that refuses others, too, is not asked for 15 minutes, then trusted anew", async () => {
  const { clock, world, look, questions, alarms } = started();
  const { about } = world;
  world.about = () => REFUSES;
  assert.deepEqual(await look(), temperror("zone refuses us"));
  world.about = about;
  world.answer = found(["127.0.4.9"]);
  const asked = questions.length;
  await clock.advance(15 * 60_000 - 1);
  assert.deepEqual(await look(), temperror("muted"));
  assert.equal(questions.length, asked);
  await clock.advance(1);
  assert.deepEqual(await look(), score(9));
  assert.deepEqual(alarms, [{ zone: "score.test", reason: "zone refuses us" }]);
  world.about = () => found(["192.0.2.1"]);
  await look();
  assert.deepEqual(alarms[1], { zone: "score.test", reason: "answer outside 127.0.0.0/8" });
});

test("createScoreSource: answers that come together raise one alarm", async () => {
  const { world, look, alarms } = started();
  world.about = () => REFUSES;
  await Promise.all([look(), look(), look()]);
  assert.equal(alarms.length, 1);
  assert.deepEqual(await look(), temperror("muted"));
});

test("createScoreSource: an answer that no zone gives, for one client, mutes nothing", async () => {
  const { world, look, alarms } = started();
  for (const answer of [REFUSES, found(["192.0.2.1"])]) {
    world.answer = answer;
    for (let i = 0; i < 20; i += 1) assert.equal((await look(client(i)))?.status, "temperror");
  }
  world.answer = found(["127.0.4.9"]);
  assert.deepEqual(await look(), score(9));
  assert.deepEqual(alarms, []);
});

test("createScoreSource: 50 and more clients with one score mute nothing: they may be one spammer's", async () => {
  const { world, look, alarms } = started();
  world.answer = found(["127.0.4.10"]);
  for (let i = 0; i < 200; i += 1) assert.deepEqual(await look(client(i)), score(10));
  assert.deepEqual(alarms, []);
});

test("createScoreSource: a score for addresses that send no mail mutes before it counts against anybody", async () => {
  const { world, look, alarms, clock } = started();
  world.about = () => found(["127.0.4.10"]);
  for (let i = 0; i < 100; i += 1) assert.equal((await look(client(i)))?.status, "temperror");
  assert.deepEqual(alarms, [{ zone: "score.test", reason: "a score for everyone" }]);
  world.about = (name) => (OTHERS.test(name) ? NONE : found(["127.0.4.11"]));
  await clock.advance(15 * 60_000);
  assert.deepEqual(await look(), score(11));
});

test("createScoreSource: a score that no policy holds against anybody costs no other question", async () => {
  const { world, look, questions } = started();
  world.answer = found(["127.0.4.70"]);
  assert.deepEqual(await look(), score(70));
  assert.equal(questions.length, 1);
  world.answer = found(["127.0.4.69"]);
  assert.deepEqual(await look(), score(69));
  assert.equal(questions.length, 2 + 8);
});

test("createScoreSource: what control addresses cannot confirm counts for nothing", async () => {
  const { world, look, alarms } = started();
  world.about = (name) => (OTHERS.test(name) ? fault("timeout") : found(["127.0.4.10"]));
  assert.deepEqual(await look(), temperror("cannot be confirmed"));
  assert.deepEqual(alarms, []);
});

test("createScoreSource: low scores of clients that are known to be good hold the zone, until they are better", async () => {
  const { world, source, resolver, look, alarms } = started();
  const vouchFor = async (i: number, value: number) => {
    world.about = (name) => (OTHERS.test(name) ? NONE : undefined);
    world.answer = found([`127.0.4.${value}`]);
    const { vouch } = await source.lookUp(resolver, address(`81.2.69.${i}`));
    vouch(() => parseDomain(`good-${i}.test`));
  };
  // One /24 is one vote.
  for (let i = 0; i < 20; i += 1) await vouchFor(i, 10);
  assert.deepEqual(await look(), score(10));
  for (let i = 5; i < 10; i += 1) {
    const { vouch } = await source.lookUp(resolver, address(`81.2.${i}.1`));
    vouch(() => parseDomain(`other-${i}.test`));
  }
  assert.deepEqual(await look(client(1)), temperror("held"));
  const reason = "low scores for clients that are known to be good here";
  assert.deepEqual(alarms, [{ zone: "score.test", reason }]);
  world.answer = found(["127.0.4.95"]);
  for (let i = 5; i < 10; i += 1) {
    const { vouch } = await source.lookUp(resolver, address(`81.2.${i}.1`));
    vouch(() => parseDomain(`other-${i}.test`));
  }
  assert.deepEqual(await look(client(1)), score(95));
});

test("createScoreSource: zones are apart and keep their order", async () => {
  const source = createScoreSource({ zones: ["mad.test", "good.test"], clock: fakeClock() });
  const resolver = resolverOf(async (name) =>
    found([name.endsWith("mad.test") ? "10.0.0.1" : "127.0.4.77"]),
  );
  const { facts } = await source.lookUp(resolver, CLIENT);
  assert.deepEqual(facts, [
    { zone: "mad.test", result: temperror("answer outside 127.0.0.0/8") },
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
