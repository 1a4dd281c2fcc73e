import assert from "node:assert/strict";
import { test } from "node:test";
import { type DnsAnswer, fault } from "@postern/dns";
import type { IpAddress } from "@postern/smtp-filter";
import { createControlAddresses, POOLS } from "./control-addresses.ts";
import { readListAnswer } from "./list-answer.ts";
import { compileCodes } from "./list-codes.ts";
import { type AskList, checkAll, checkSome, type Health, testHealth } from "./list-health.ts";
import { addresses, type Behaviour, honestly, NONE } from "./testing/list-stage.ts";

const labelsOf = compileCodes({ "127.0.0.2": "sbl" });
const good = honestly({});
const LISTED = addresses("127.0.0.2");

function asking(behaviour: Behaviour) {
  const asked: string[] = [];
  const ask: AskList = async (address) => {
    asked.push(address);
    return readListAnswer(behaviour(address), labelsOf);
  };
  return { ask, asked };
}

/** Like a list that works, but with this answer to some addresses. */
function but(answer: DnsAnswer<IpAddress>, to: RegExp): Behaviour {
  return (address) => (to.test(address) ? answer : good(address));
}

const FIRST = /^127\.0\.0\.1$/;
const ENTRY = /^127\.0\.0\.2$/;
const FOUR = /^192\.(33\.4|203|5\.5|112)\./;
const NINE = /^192\.(33\.4|203|5|112|12|35)\.|^199\.|^193\./;
const DOCUMENTATION = /^(192\.0\.2|198\.51\.100|203\.0\.113)\./;

const tests: readonly { name: string; list: Behaviour; health: Health["kind"] | string }[] = [
  { name: "a list that works", list: good, health: "passed" },
  {
    name: "another code for its entry",
    list: but(addresses("127.0.10.0"), ENTRY),
    health: "passed",
  },
  { name: "gone", list: () => NONE, health: "it does not list 127.0.0.2" },
  {
    name: "empty",
    list: () => ({ status: "none", reason: "nodata" }),
    health: "it does not list 127.0.0.2",
  },
  { name: "a wildcard", list: () => LISTED, health: "it lists everyone" },
  {
    name: "a wildcard but for 127.0.0.1",
    list: but(LISTED, /^(?!127\.)/),
    health: "it lists everyone",
  },
  {
    name: "a wildcard with a code that nobody asked about",
    list: () => addresses("127.0.0.99"),
    health: "it lists everyone",
  },
  { name: "127.0.0.1", list: but(LISTED, FIRST), health: "it lists 127.0.0.1" },
  {
    name: "documentation addresses",
    list: but(LISTED, DOCUMENTATION),
    health: "it lists everyone",
  },
  { name: "a bogon", list: but(LISTED, /^192\.0\.2\./), health: "passed" },
  {
    name: "refuses us",
    list: () => addresses("127.255.255.254"),
    health: "it refuses our questions",
  },
  {
    name: "refuses all but the entry",
    list: but(addresses("127.255.255.255"), /^(?!127\.0\.0\.2$)/),
    health: "it refuses our questions",
  },
  {
    name: "a domain for sale",
    list: () => addresses("198.51.100.80"),
    health: "it answers outside 127.0.0.0/8",
  },
  {
    name: "one forged answer",
    list: but(addresses("198.51.100.80"), /^192\.0\.2\./),
    health: "unknown",
  },
  {
    name: "one forged answer for its entry",
    list: but(addresses("127.255.255.254"), ENTRY),
    health: "unknown",
  },
  { name: "silent", list: () => fault("timeout"), health: "unknown" },
  { name: "servfail for its entry", list: but(fault("servfail"), ENTRY), health: "unknown" },
  { name: "a timeout for 127.0.0.1", list: but(fault("timeout"), FIRST), health: "unknown" },
  {
    name: "timeouts for the others",
    list: but(fault("timeout"), DOCUMENTATION),
    health: "unknown",
  },
  { name: "one timeout of the others", list: but(fault("timeout"), /^192/), health: "passed" },
];
for (const { name, list, health } of tests) {
  test(`testHealth: ${name}: ${health}`, async () => {
    const { ask } = asking(list);
    const seen = await testHealth(ask, createControlAddresses(POOLS.documentation));
    assert.equal(seen.kind === "failed" ? seen.fault : seen.kind, health);
  });
}

test("testHealth: other documentation addresses each time", async () => {
  const { ask, asked } = asking(good);
  const documentation = createControlAddresses(POOLS.documentation);
  for (let i = 0; i < 100; i += 1) await testHealth(ask, documentation);
  assert.equal(asked.length, 500);
  assert.equal(new Set(asked).size, 302);
});

test("testHealth: a list that is silent or gone is asked one question", async () => {
  for (const answer of [NONE, fault<IpAddress>("timeout")]) {
    const { ask, asked } = asking(() => answer);
    await testHealth(ask, createControlAddresses(POOLS.documentation));
    assert.deepEqual(asked, ["127.0.0.2"]);
  }
});

const glances: readonly {
  name: string;
  list: Behaviour;
  health: Health["kind"] | string;
  questions: number;
}[] = [
  { name: "a list that works", list: good, health: "passed", questions: 8 },
  { name: "a wildcard", list: () => LISTED, health: "it lists everyone", questions: 26 },
  {
    name: "all but RFC 5737",
    list: but(LISTED, /^(?!192\.0\.2|198\.51\.100|203\.0\.113)/),
    health: "it lists everyone",
    questions: 26,
  },
  {
    name: "everything, with a code that nobody asked about",
    list: () => addresses("127.0.0.99"),
    health: "passed",
    questions: 8,
  },
  {
    name: "refuses us",
    list: () => addresses("127.255.255.254"),
    health: "it refuses our questions",
    questions: 8,
  },
  { name: "silent", list: () => fault("timeout"), health: "unknown", questions: 8 },
  {
    name: "one with a reason",
    list: but(LISTED, /^198\.41\./),
    health: "passed",
    questions: 26,
  },
  {
    name: "four of 26",
    list: but(LISTED, FOUR),
    health: "unknown",
    questions: 26,
  },
  {
    name: "all of one operator",
    list: but(
      LISTED,
      /^(198\.41|192\.58|192\.5\.6|192\.33\.14|192\.(26|31|12|35|42|54|43|48|52|41|55))\./,
    ),
    health: "unknown",
    questions: 26,
  },
  {
    name: "nine of 26",
    list: but(LISTED, NINE),
    health: "it lists everyone",
    questions: 26,
  },
  {
    name: "one answer that is wrong, and nobody else",
    list: but(addresses("127.255.255.254"), /^198\.41\./),
    health: "passed",
    questions: 26,
  },
  {
    name: "two that are wrong",
    list: but(addresses("203.0.113.80"), /^(198\.41|192\.55)\./),
    health: "it answers outside 127.0.0.0/8",
    questions: 26,
  },
];
for (const { name, list, health, questions } of glances) {
  test(`checkSome: ${name}: ${health}`, async () => {
    const { ask, asked } = asking(list);
    const controls = createControlAddresses(POOLS.ipv4);
    const { health: seen } = await checkSome(ask, controls, 8);
    assert.equal(seen.kind === "failed" ? seen.fault : seen.kind, health);
    assert.equal(asked.length, questions);
  });
}

test("checkSome: what a list has its reasons for does not cost it its word again", async () => {
  const { ask } = asking(but(LISTED, FOUR));
  const controls = createControlAddresses(POOLS.ipv4);
  assert.equal((await checkSome(ask, controls, 8)).health.kind, "unknown");
  for (let i = 0; i < 50; i += 1)
    assert.equal((await checkSome(ask, controls, 8)).health.kind, "passed");
});

test("checkAll: more than two fifths listed", async () => {
  const { ask } = asking(but(LISTED, /^19/));
  assert.equal((await checkAll(ask, createControlAddresses(POOLS.ipv4))).kind, "failed");
  const v6 = asking(but(LISTED, /:/));
  assert.equal((await checkAll(v6.ask, createControlAddresses(POOLS.ipv4))).kind, "passed");
  assert.equal((await checkAll(v6.ask, createControlAddresses(POOLS.ipv6))).kind, "failed");
});

test("checkSome: two fifths of the operators are the most that a list may have its reasons for, over time, too", async () => {
  const controls = createControlAddresses(POOLS.ipv4);
  const some = asking(but(LISTED, FOUR));
  assert.equal((await checkSome(some.ask, controls, 26)).health.kind, "unknown");
  const others = asking(but(LISTED, /^(199\.7\.9|193\.0\.14)/));
  assert.equal((await checkSome(others.ask, controls, 26)).health.kind, "failed");
});

test("checkSome: what one control address alone shows is told, as it may be the second witness", async () => {
  const { ask } = asking(but(addresses("127.255.255.254"), /^198\.41\./));
  const { oddity } = await checkSome(ask, createControlAddresses(POOLS.ipv4), 8);
  assert.equal(oddity, "it refuses our questions");
});
