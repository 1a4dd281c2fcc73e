import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "@postern/smtp-filter/testing";
import { createRoll, goodClient } from "./good-clients.ts";
import { ip } from "./testing/list-stage.ts";

const one = (address: string, domain: string) => goodClient(ip(address), domain);

test("goodClient: a /24, a /48, and a registered domain", () => {
  assert.deepEqual(one("81.2.69.1", "mail.example.com"), {
    address: "81.2.69.1",
    network: "network:81.2.69.0/24",
    owner: "example.com",
  });
  const { network, owner } = one("2a02:1:2:3::1", "mx1.mail.example.co.uk");
  assert.deepEqual([network, owner], ["network:2a02:1:2::/48", "example.co.uk"]);
});

test("createRoll: one for each network and each owner, the last", () => {
  const roll = createRoll(fakeClock(), { size: 10, maxAgeMs: 1_000 });
  roll.put(one("81.2.69.1", "a.test"));
  roll.put(one("81.2.70.1", "b.test"));
  roll.put(one("81.2.69.2", "b.test"));
  assert.deepEqual(
    roll.all().map(({ address }) => address),
    ["81.2.69.2"],
  );
  assert.equal(roll.of(ip("81.2.69.1")), undefined);
  assert.equal(roll.of(ip("81.2.69.2"))?.owner, "b.test");
});

test("createRoll: the oldest goes first, by number and by age", async () => {
  const clock = fakeClock();
  const roll = createRoll(clock, { size: 3, maxAgeMs: 1_000 });
  for (let i = 0; i < 5; i += 1) {
    roll.put(one(`81.2.${i}.1`, `o${i}.test`));
    await clock.advance(300);
  }
  assert.deepEqual(
    roll.all().map(({ owner }) => owner),
    ["o2.test", "o3.test", "o4.test"],
  );
  await clock.advance(700);
  assert.deepEqual(
    roll.all().map(({ owner }) => owner),
    ["o4.test"],
  );
  roll.clear();
  assert.deepEqual(roll.all(), []);
});
