import assert from "node:assert/strict";
import { test } from "node:test";
import { type DnsAnswer, fault } from "@postern/dns";
import type { IpAddress } from "@postern/smtp-filter";
import {
  addresses,
  clients,
  honestly,
  ip,
  labels,
  listStage,
  NONE,
  temperror,
  testedStage,
  usual,
} from "./testing/list-stage.ts";

const MINUTE = 60_000;
const TEST_EVERY = 15 * MINUTE;

test("createListSource: a list is not queried about clients before its first successful self-test", async () => {
  const { look, asked, source, resolver, world, clock, alarms } = listStage({ delayMs: 10 });
  world.behaviour = usual;
  assert.deepEqual(await look("81.2.69.1"), temperror("not tested yet"));
  source.start(resolver);
  assert.deepEqual(await look("81.2.69.1"), temperror("not tested yet"));
  assert.deepEqual(asked, ["127.0.0.2"]);
  await clock.advance(20);
  const result = look("81.2.69.1");
  await clock.advance(20);
  assert.deepEqual(await result, labels("sbl"));
  assert.deepEqual(alarms, []);
});

test("createListSource: it is tested every 15 minutes, until it is closed", async () => {
  const { asked, clock, source } = await testedStage();
  for (let round = 0; round < 3; round += 1) {
    await clock.advance(TEST_EVERY - 1);
    assert.deepEqual(asked, []);
    await clock.advance(1);
    assert.equal(asked.length, 5);
    asked.length = 0;
  }
  source.close();
  assert.equal(clock.pending(), 0);
});

test("createListSource: nothing goes on after closing amid a test", async () => {
  const { clock, source, resolver, asked } = listStage({ delayMs: 10 });
  source.start(resolver);
  source.close();
  await clock.advance(TEST_EVERY * 2);
  assert.equal(clock.pending(), 0);
  assert.ok(asked.length <= 5);
});

test("createListSource: a test that could not look is neither a pass nor a failure", async () => {
  const { look, clock, world, asked, alarms } = await testedStage();
  world.behaviour = () => fault("timeout");
  await clock.advance(TEST_EVERY);
  await clock.advance(MINUTE - 1);
  assert.equal(asked.length, 1);
  await clock.advance(1);
  assert.equal(asked.length, 2);
  assert.deepEqual(await look("81.2.69.1"), temperror("timeout"));
  world.behaviour = usual;
  assert.deepEqual(await look("81.2.69.1"), labels("sbl"));
  assert.deepEqual(alarms, []);
});

test("createListSource: untested stays untested while nobody answers, and counts soon after", async () => {
  const { look, clock, world, source, resolver, alarms } = listStage();
  world.behaviour = () => fault("servfail");
  source.start(resolver);
  await clock.advance(10 * MINUTE);
  assert.deepEqual(await look("81.2.69.1"), temperror("not tested yet"));
  world.behaviour = usual;
  await clock.advance(MINUTE);
  assert.deepEqual(await look("81.2.69.1"), labels("sbl"));
  assert.deepEqual(alarms, []);
});

const faults: readonly { name: string; answer: DnsAnswer<IpAddress>; reason: string }[] = [
  { name: "gone", answer: NONE, reason: "it does not list 127.0.0.2" },
  { name: "a wildcard", answer: addresses("127.0.0.9"), reason: "it lists everyone" },
  { name: "refuses us", answer: addresses("127.255.255.254"), reason: "it refuses our questions" },
  { name: "for sale", answer: addresses("192.0.2.1"), reason: "it answers outside 127.0.0.0/8" },
];
for (const { name, answer, reason } of faults) {
  test(`createListSource: ${name} at a test: one alarm, and back after two passes`, async () => {
    const { look, clock, world, alarms, asked } = await testedStage();
    world.behaviour = () => answer;
    await clock.advance(TEST_EVERY);
    const muted = { kind: "muted", zone: "list.test", reason };
    assert.deepEqual(alarms, [muted]);
    asked.length = 0;
    assert.deepEqual(await look("81.2.69.1"), temperror(`muted: ${reason}`));
    assert.deepEqual(asked, []);
    await clock.advance(3 * TEST_EVERY);
    world.behaviour = usual;
    await clock.advance(TEST_EVERY);
    assert.deepEqual(await look("81.2.69.1"), temperror(`muted: ${reason}`));
    world.behaviour = () => answer;
    await clock.advance(TEST_EVERY);
    world.behaviour = usual;
    await clock.advance(TEST_EVERY);
    assert.deepEqual(await look("81.2.69.1"), temperror(`muted: ${reason}`));
    assert.deepEqual(alarms, [muted]);
    await clock.advance(TEST_EVERY);
    assert.deepEqual(await look("81.2.69.1"), labels("sbl"));
    assert.deepEqual(alarms, [muted, { kind: "back", zone: "list.test", unused: 3 }]);
    world.behaviour = () => answer;
    await clock.advance(TEST_EVERY);
    assert.equal(alarms.length, 3);
    world.behaviour = usual;
    await clock.advance(2 * TEST_EVERY);
    assert.deepEqual(alarms[3], { kind: "back", zone: "list.test", unused: 0 });
  });
}

for (const answer of ["127.255.255.254", "127.255.255.1", "203.0.113.80"]) {
  test(`createListSource: ${answer} for one client is no evidence, and mutes nothing`, async () => {
    const { look, world, alarms, asked } = await testedStage();
    world.behaviour = (address) => (address === "81.2.70.1" ? addresses(answer) : usual(address));
    for (let i = 0; i < 20; i += 1) {
      assert.equal((await look("81.2.70.1"))?.status, "temperror");
      assert.deepEqual(await look("81.2.69.1"), labels("sbl"));
    }
    assert.deepEqual(alarms, []);
    assert.ok(asked.includes(ip("81.2.69.1")));
  });

  test(`createListSource: ${answer} for one client and for one control address mutes`, async () => {
    const { look, world, alarms } = await testedStage();
    world.behaviour = (address) =>
      address === "81.2.70.1" || address.startsWith("192.5.6.")
        ? addresses(answer)
        : usual(address);
    for (let i = 0; i < 5; i += 1) await look("81.2.70.1");
    assert.equal(alarms.length, 1);
  });

  test(`createListSource: ${answer} for one control address alone mutes nothing, and costs nobody his answer`, async () => {
    const { look, world, alarms } = await testedStage();
    const listed = clients(0, 40);
    const entries = Object.fromEntries(listed.map((one) => [one, "127.0.0.2"]));
    world.behaviour = (address) =>
      address.startsWith("192.5.6.") ? addresses(answer) : honestly(entries)(address);
    for (const one of listed) assert.deepEqual(await look(one), labels("sbl"));
    assert.deepEqual(alarms, []);
  });
}

test("createListSource: a list of good addresses that refuses us mutes after a second answer, and may list control addresses", async () => {
  const codes = { "127.0.*.2": "dnswl-med" };
  const { look, world, alarms } = await testedStage({ codes });
  const refuses = addresses("127.255.255.254");
  world.behaviour = (address) => (address === "81.2.70.1" ? refuses : addresses("127.0.5.2"));
  assert.equal((await look("81.2.70.1"))?.status, "temperror");
  assert.deepEqual(alarms, []);
  world.behaviour = () => refuses;
  await look("81.2.70.1");
  const reason = "it refuses our questions";
  assert.deepEqual(alarms, [{ kind: "muted", zone: "list.test", reason }]);
});

for (const { name, answer, reason } of faults.slice(1)) {
  test(`createListSource: ${name} at a client: muted at once, tested 15 minutes later`, async () => {
    const { look, clock, world, alarms } = await testedStage({ delayMs: 5 });
    await clock.advance(14 * MINUTE);
    world.behaviour = () => answer;
    const results = [1, 2, 3].map((i) => look(`81.2.70.${i}`));
    await clock.advance(100);
    const expected = temperror(`muted: ${reason}`);
    assert.deepEqual(await Promise.all(results), [expected, expected, expected]);
    assert.deepEqual(alarms, [{ kind: "muted", zone: "list.test", reason }]);
    world.behaviour = usual;
    await clock.advance(2 * TEST_EVERY - 1000);
    assert.equal(alarms.length, 1);
    await clock.advance(2000);
    assert.deepEqual(alarms[1], { kind: "back", zone: "list.test", unused: 3 });
  });
}

test("createListSource: a test that began before the list was muted is no pass", async () => {
  const { clock, world, look, alarms } = await testedStage({ delayMs: 10 });
  await clock.advance(TEST_EVERY - 20);
  const bad = addresses("127.255.255.254");
  const isTest = /^(127|192\.0\.2|198\.51\.100|203\.0\.113)\./;
  world.behaviour = (address) => (isTest.test(address) ? usual(address) : bad);
  await clock.advance(8);
  void look("81.2.69.9");
  await clock.advance(100);
  assert.equal(alarms.length, 1);
  world.behaviour = usual;
  await clock.advance(TEST_EVERY + 1000);
  assert.equal(alarms.length, 1);
  await clock.advance(TEST_EVERY);
  assert.equal(alarms.length, 2);
});

test("createListSource: what was listed in a bad moment is not held against the list later", async () => {
  const { look, clock, world, alarms } = await testedStage({ delayMs: 5 });
  world.behaviour = () => addresses("127.0.0.9");
  const results = clients(0, 150).map((client) => look(client));
  await clock.advance(100);
  await Promise.all(results);
  world.behaviour = usual;
  await clock.advance(3 * TEST_EVERY);
  assert.deepEqual(
    alarms.map(({ kind }) => kind),
    ["muted", "back"],
  );
  const listed = look("81.2.69.1");
  await clock.advance(100);
  assert.deepEqual(await listed, labels("sbl"));
});
