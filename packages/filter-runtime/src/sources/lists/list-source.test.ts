import assert from "node:assert/strict";
import { test } from "node:test";
import { fault, type Resolver, resolverOf } from "@postern/dns";
import type { Lookup } from "@postern/filter-core";
import type { IpAddress } from "@postern/smtp-filter";
import { fakeClock } from "@postern/smtp-filter/testing";
import { createListSource } from "./list-source.ts";
import {
  addresses,
  clients,
  honestly,
  ip,
  LIST,
  labels,
  listStage,
  NONE,
  temperror,
  testedStage,
} from "./testing/list-stage.ts";

const lookups: readonly [string, Lookup<readonly string[]>, number][] = [
  ["81.2.69.1", labels("sbl"), 1 + 8],
  ["81.2.69.2", { status: "none" }, 1],
  ["81.2.69.3", { status: "none" }, 1],
  ["2a02::1", labels("xbl"), 1 + 8],
  ["2a02::2", { status: "none" }, 1],
  ["::ffff:81.2.69.1", labels("sbl"), 1 + 8],
  ["10.1.2.3", { status: "none" }, 0],
  ["127.0.0.2", { status: "none" }, 0],
  ["192.168.1.1", { status: "none" }, 0],
  ["172.31.0.1", { status: "none" }, 0],
  ["172.32.0.1", { status: "none" }, 1],
  ["169.254.1.1", { status: "none" }, 0],
  ["fd00::1", { status: "none" }, 0],
  ["fe80::1", { status: "none" }, 0],
  ["::1", { status: "none" }, 0],
];
for (const [address, result, questions] of lookups) {
  test(`createListSource: ${address}: ${JSON.stringify(result)}`, async () => {
    const { look, asked, alarms } = await testedStage();
    assert.deepEqual(await look(address), result);
    assert.equal(asked.length, questions);
    assert.deepEqual(alarms, []);
  });
}

test("createListSource: an IPv6 client is vouched for by IPv6 control addresses", async () => {
  const { look, asked } = await testedStage();
  await look("2a02::1");
  assert.ok(asked.every((address) => address.includes(":")));
});

test("createListSource: clients that are listed together share a look at the control addresses", async () => {
  const { look, asked, clock } = await testedStage({ delayMs: 20 });
  const results = Array.from({ length: 50 }, () => look("81.2.69.1"));
  await clock.advance(200);
  for (const result of await Promise.all(results)) assert.deepEqual(result, labels("sbl"));
  assert.ok(asked.length <= 50 + 2 * 8, String(asked.length));
});

test("createListSource: facts name the zone, the operator and the page, never the key", async () => {
  const { source, resolver, world, alarms } = await testedStage();
  const fact = {
    zone: "list.test",
    operator: "tester",
    url: "https://list.test/?ip=81.2.69.1",
    result: labels("sbl"),
  };
  assert.deepEqual((await source.lookUp(resolver, ip("81.2.69.1"))).facts, [fact]);
  const told: unknown[] = [];
  const answers = [
    addresses("127.255.255.252"),
    addresses("192.0.2.1"),
    fault<IpAddress>("servfail"),
  ];
  for (const answer of [...answers, NONE]) {
    world.behaviour = () => answer;
    told.push((await source.lookUp(resolver, ip("81.2.69.1"))).facts);
  }
  assert.doesNotMatch(JSON.stringify([told, alarms]), /s3cret/);
});

test("createListSource: lists keep their order and their own fate; a list may have no page", async () => {
  const other = { ...LIST, zone: "other.test", query: "other.test", url: null };
  const source = createListSource({ lists: [LIST, other], clock: fakeClock(), trustAtOnce: true });
  const resolver = resolverOf(async (name) =>
    addresses(name.endsWith(".other.test") ? "127.0.0.4" : "192.0.2.1"),
  );
  const { facts } = await source.lookUp(resolver, ip("81.2.69.1"));
  assert.deepEqual(
    facts.map(({ zone, url, result }) => [zone, url, result.status]),
    [
      ["list.test", "https://list.test/?ip=81.2.69.1", "temperror"],
      ["other.test", null, "found"],
    ],
  );
});

test("createListSource: what control addresses cannot confirm counts for nothing", async () => {
  const { look, world, alarms } = await testedStage();
  const silent = fault<IpAddress>("timeout");
  world.behaviour = (address) => (address === "81.2.69.1" ? addresses("127.0.0.9") : silent);
  assert.deepEqual(await look("81.2.69.1"), temperror("cannot be confirmed"));
  assert.deepEqual(alarms, []);
});

test("createListSource: control addresses are waited for four seconds", async () => {
  const { look, clock } = await testedStage({ delayMs: 3_900 });
  const quick = look("81.2.69.1");
  await clock.advance(2 * 3_900);
  assert.deepEqual(await quick, labels("sbl"));
  const slow = await testedStage({ delayMs: 4_100 });
  const late = slow.look("81.2.69.1");
  await slow.clock.advance(4_100 + 4_000);
  assert.deepEqual(await late, temperror("cannot be confirmed"));
});

test("createListSource: a list of good addresses may list everyone it likes", async () => {
  const codes = { "127.0.*.2": "dnswl-med", "127.0.*.3": "dnswl-hi" };
  const { look, world, alarms, asked } = await testedStage({ codes });
  world.behaviour = (address) =>
    /^(127|192|198|203)\./.test(address) ? honestly({})(address) : addresses("127.0.5.2");
  asked.length = 0;
  for (let i = 0; i < 250; i += 1)
    assert.deepEqual(await look(`81.2.69.${i}`), labels("dnswl-med"));
  assert.equal(asked.length, 250);
  assert.deepEqual(alarms, []);
});

test("createListSource: for try, a list is trusted and nothing is asked about others", async () => {
  const { look, asked, source, resolver, world, clock } = listStage({ trustAtOnce: true });
  source.start(resolver);
  world.behaviour = () => addresses("127.0.0.9");
  for (const client of clients(0, 250)) assert.deepEqual(await look(client), labels("drop"));
  assert.equal(asked.length, 250);
  assert.equal(clock.pending(), 0);
  world.behaviour = () => addresses("127.255.255.254");
  assert.equal((await look("81.2.69.1"))?.status, "temperror");
});

test("createListSource: a code that is not a pattern is our mistake", () => {
  assert.throws(() => listStage({ codes: { "127.0.0": "sbl" } }), RangeError);
});

test("createListSource: in doubt all control addresses are asked about", async () => {
  const { look, asked, world } = await testedStage();
  const listed = Object.fromEntries(clients(0, 200).map((one) => [one, "127.0.0.2"]));
  world.behaviour = honestly(listed);
  let at = 0;
  const questions = async () => {
    asked.length = 0;
    at += 1;
    return [(await look(clients(0, 200)[at] ?? ""))?.status, asked.length];
  };
  assert.deepEqual(await questions(), ["found", 1 + 8]);
  const roots = /^192\.(33\.4|203|5\.5|112)\./;
  world.behaviour = (address) =>
    roots.test(address) ? addresses("127.0.0.2") : honestly(listed)(address);
  let seen = await questions();
  for (let i = 0; i < 5 && seen[0] === "found"; i += 1) seen = await questions();
  assert.deepEqual(seen, ["temperror", 1 + 26]);
  assert.deepEqual(await questions(), ["found", 1 + 22]);
  assert.deepEqual(await questions(), ["found", 1 + 8]);
});

test("createListSource: a listed client that comes again, or from his next address, costs no look", async () => {
  const { look, asked, clock } = await testedStage();
  for (const address of ["2a02::1", "2a02::1", "81.2.69.1", "81.2.69.1"]) await look(address);
  assert.equal(asked.length, 4 + 2 * 8);
  await clock.advance(5 * 60_000 + 1);
  asked.length = 0;
  await look("81.2.69.1");
  assert.equal(asked.length, 1 + 8);
});

test("createListSource: the look that many clients share is the list's own, and does not end with one of them", async () => {
  const { source, resolver } = await testedStage();
  const mine: string[] = [];
  const leaving: Resolver = {
    ask: (name, type) => {
      mine.push(name);
      return name.startsWith("1.69.2.81.")
        ? resolver.ask(name, type)
        : Promise.resolve({ status: "temperror", detail: "cancelled" });
    },
  };
  const { facts } = await source.lookUp(leaving, ip("81.2.69.1"));
  assert.deepEqual(facts[0]?.result, labels("sbl"));
  assert.equal(mine.length, 1);
});
