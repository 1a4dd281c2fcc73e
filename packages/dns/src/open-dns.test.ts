import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock, settle } from "@postern/smtp-filter/testing";
import { fault, found } from "./answer/answer.ts";
import { openDns } from "./open-dns.ts";
import { openUdpDns, txtBytes } from "./testing/udp-dns.ts";

test("openDns: one question under way, then from the cache, in any spelling", async () => {
  await using udp = await openUdpDns();
  udp.answerWith({ kind: "answer", rdata: [txtBytes("hello")] });
  const dns = openDns({ servers: [udp.server] }, fakeClock());
  const answers = await Promise.all([dns.ask("a.test", "TXT"), dns.ask("A.Test.", "TXT")]);
  answers.push(await dns.ask("a.TEST", "TXT"));
  assert.deepEqual(answers, Array(3).fill(found(["hello"])));
  assert.deepEqual(udp.packets, ["a.test"]);
  const { asked, joined, cache } = dns.counters();
  assert.deepEqual([asked, joined, cache.hits, cache.misses], [3, 1, 1, 1]);
});

test("openDns: what is not a name does not exist, and nobody is asked", async () => {
  await using udp = await openUdpDns();
  const dns = openDns({ servers: [udp.server] }, fakeClock());
  assert.deepEqual(await dns.ask("a..b", "A"), { status: "none", reason: "nxdomain" });
  assert.equal(udp.packets.length, 0);
});

test("openDns: a cut resolver with 200 questions: 100 packets, all answered in time, then it recovers by itself", async () => {
  await using udp = await openUdpDns();
  const clock = fakeClock();
  const changes: string[] = [];
  const closed = Promise.withResolvers<void>();
  const dns = openDns(
    {
      servers: [udp.server],
      onBreaker: (state) => {
        changes.push(state);
        if (state === "closed") closed.resolve();
      },
    },
    clock,
  );
  const asked = Array.from({ length: 200 }, (_, i) => dns.ask(`mail.zone${i}.test`, "A"));
  await udp.received(100);
  assert.deepEqual(dns.counters().limit, { inFlight: 100, waiting: 100, turnedAway: 0 });
  await clock.advance(2_000);
  const answers = await Promise.all(asked);
  assert.ok(answers.every((answer) => answer.status === "temperror"));
  assert.equal(udp.packets.filter((name) => name !== "").length, 100);

  await udp.received(101);
  await clock.advance(2_000);
  assert.equal(dns.breaker(), "open");
  assert.deepEqual(await dns.ask("a.test", "A"), fault("resolver down"));
  assert.equal(udp.packets.length, 101);

  udp.answerWith({ kind: "rcode", rcode: 3 });
  await clock.advance(5_000);
  await closed.promise;
  udp.answerWith({ kind: "answer", rdata: [Buffer.of(192, 0, 2, 1)] });
  assert.deepEqual(await dns.ask("a.test", "A"), found(["192.0.2.1"]));
  assert.deepEqual(changes, ["open", "closed"]);
  assert.equal(clock.pending(), 0);
});

test("openDns: a temperror is asked again", async () => {
  await using udp = await openUdpDns();
  udp.answerWith({ kind: "rcode", rcode: 2 });
  const dns = openDns({ servers: [udp.server] }, fakeClock());
  await dns.ask("a.test", "A");
  assert.deepEqual(await dns.ask("a.test", "A"), fault("servfail"));
  assert.equal(udp.packets.length, 2);
});

test("openDns: close() ends what is under way and what waits", async () => {
  await using udp = await openUdpDns();
  const clock = fakeClock();
  const dns = openDns({ servers: [udp.server] }, clock);
  const asked = Array.from({ length: 150 }, (_, i) => dns.ask(`${i}.test`, "A"));
  await udp.received(100);
  dns.close();
  assert.deepEqual(await Promise.all(asked), Array(150).fill(fault("closed")));
  await settle();
  assert.equal(clock.pending(), 0);
});

test("openDns: one client network has ten questions under way, another and the site's own zones are not held up", async () => {
  await using udp = await openUdpDns();
  const dns = openDns({ servers: [udp.server], ownZones: ["zen.test"] }, fakeClock());
  const flood = dns.forAsker({ network: "198.51.100" });
  for (let i = 0; i < 30; i += 1) void flood.ask(`mail.silent${i}.test`, "A");
  await udp.received(10);
  for (let i = 0; i < 15; i += 1)
    void dns.forAsker({ network: `192.0.${i}` }).ask(`${i}.zen.test`, "A");
  await udp.received(25);
  assert.equal(udp.packets.filter((name) => name.includes("silent")).length, 10);
  assert.deepEqual(dns.counters().limit, { inFlight: 25, waiting: 20, turnedAway: 0 });
  dns.close();
});

test("openDns: what a client that has gone still asked gives its places to others, and says nothing of the resolver", async () => {
  await using udp = await openUdpDns();
  const clock = fakeClock();
  const dns = openDns({ servers: [udp.server] }, clock);
  const goes = new AbortController();
  const asked = Array.from({ length: 20 }, (_, network) =>
    Array.from({ length: 10 }, (__, i) =>
      dns
        .forAsker({ network: `192.0.${network}`, signal: goes.signal })
        .ask(`mail.silent${network}-${i}.test`, "A"),
    ),
  ).flat();
  await udp.received(100);
  assert.deepEqual(dns.counters().limit, { inFlight: 100, waiting: 100, turnedAway: 0 });
  goes.abort();
  assert.deepEqual(await Promise.all(asked), Array(200).fill(fault("cancelled")));
  await settle();
  assert.deepEqual(dns.counters().limit, { inFlight: 0, waiting: 0, turnedAway: 0 });
  assert.equal(dns.counters().breaker.silent, 0);
  assert.equal(udp.packets.length, 100);
  assert.equal(clock.pending(), 0);
  udp.answerWith({ kind: "answer", rdata: [Buffer.of(192, 0, 2, 1)] });
  const honest = dns.forAsker({ network: "198.51.100" });
  assert.deepEqual(await honest.ask("mail.example.com", "A"), found(["192.0.2.1"]));
});
