import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "@postern/smtp-filter/testing";
import { goodClient } from "./good-clients.ts";
import { createGoodRecord, type Opinion } from "./good-record.ts";
import { ip } from "./testing/list-stage.ts";

const HOUR = 3_600_000;

function client(network: number, owner: string | number = network) {
  return goodClient(ip(`81.${network >> 8}.${network & 255}.25`), `owner-${owner}.test`);
}

/** L: a good client that is listed, another each time; anything else: one that is not. */
function noteAll(pattern: string) {
  const record = createGoodRecord(fakeClock());
  for (const [i, letter] of [...pattern].entries()) record.note(client(i), letter === "L");
  return record;
}

const cases: readonly { name: string; pattern: string; opinion: Opinion; isCalm?: boolean }[] = [
  { name: "nobody", pattern: "", opinion: "usual", isCalm: true },
  { name: "one", pattern: "L", opinion: "usual", isCalm: true },
  { name: "four of four", pattern: "LLLL", opinion: "usual" },
  { name: "five of five", pattern: "LLLLL", opinion: "too many" },
  { name: "five of 51", pattern: `LLLLL${".".repeat(46)}`, opinion: "held" },
  { name: "five of 99", pattern: `LLLLL${".".repeat(94)}`, opinion: "held" },
  { name: "five of 100", pattern: `LLLLL${".".repeat(95)}`, opinion: "usual" },
  { name: "ten of 200", pattern: `${"L".repeat(10)}${".".repeat(190)}`, opinion: "usual" },
  { name: "eleven of 200", pattern: `${"L".repeat(11)}${".".repeat(189)}`, opinion: "held" },
  { name: "19 of 200", pattern: `${"L".repeat(19)}${".".repeat(181)}`, opinion: "held" },
  { name: "20 of 200", pattern: `${"L".repeat(20)}${".".repeat(180)}`, opinion: "too many" },
  {
    name: "200 after 100 that were listed",
    pattern: "L".repeat(100) + ".".repeat(200),
    opinion: "usual",
    isCalm: true,
  },
  { name: "five of 200", pattern: `LLLLL${".".repeat(195)}`, opinion: "usual", isCalm: true },
];
for (const { name, pattern, opinion, isCalm = false } of cases) {
  test(`createGoodRecord: ${name}: ${opinion}${isCalm ? ", calm" : ""}`, () => {
    const record = noteAll(pattern);
    assert.equal(record.opinion(), opinion);
    assert.equal(record.isCalm(), isCalm);
  });
}

test("createGoodRecord: a thousand names in one /24, and a thousand networks of one owner, are one vote each", () => {
  const names = createGoodRecord(fakeClock());
  for (let i = 0; i < 1_000; i += 1) names.note(client(7, i), true);
  assert.ok(names.isCalm());
  const networks = createGoodRecord(fakeClock());
  for (let i = 0; i < 1_000; i += 1) networks.note(client(i, "one"), true);
  assert.ok(networks.isCalm());
  const hosts = createGoodRecord(fakeClock());
  for (let i = 0; i < 1_000; i += 1)
    hosts.note(goodClient(ip(`2a02:1:1:${i.toString(16)}::1`), `h${i}.test`), true);
  assert.ok(hosts.isCalm());
});

test("createGoodRecord: nobody pushes the others out: who votes again takes his own place", () => {
  const record = noteAll(`LLLLL${".".repeat(20)}`);
  for (let i = 0; i < 1_000; i += 1) record.note(client(3_000, `other-${i}`), false);
  assert.equal(record.opinion(), "too many");
});

test("createGoodRecord: what was said last counts, so that nothing is frozen", () => {
  const record = noteAll("LLLLLLLL");
  assert.equal(record.opinion(), "too many");
  for (let i = 0; i < 8; i += 1) record.note(client(i), false);
  assert.equal(record.opinion(), "usual");
  assert.ok(record.isCalm());
});

test("createGoodRecord: votes of more than a day ago are gone, also where nobody votes any more", async () => {
  const clock = fakeClock();
  const record = createGoodRecord(clock);
  for (let i = 0; i < 10; i += 1) record.note(client(i), true);
  await clock.advance(24 * HOUR);
  assert.equal(record.opinion(), "too many");
  await clock.advance(1);
  assert.equal(record.opinion(), "usual");
});

test("createGoodRecord: once held, it is held until it is calm", () => {
  const record = noteAll(`${"L".repeat(11)}${".".repeat(189)}`);
  assert.equal(record.opinion(), "held");
  for (let i = 0; i < 5; i += 1) record.note(client(i), false);
  assert.equal(record.opinion(), "held");
  record.note(client(5), false);
  assert.equal(record.opinion(), "usual");
});
