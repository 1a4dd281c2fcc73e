import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "@postern/smtp-filter/testing";
import { type DnsAnswer, fault, found } from "../answer/answer.ts";
import type { RecordType } from "../answer/record.ts";
import { question } from "../testing/dns-stage.ts";
import { nameBytes, openUdpDns, txtBytes, type UdpMode } from "../testing/udp-dns.ts";
import { openStubResolver, type StubResolver } from "./stub-resolver.ts";

function open(servers: readonly string[], clock = fakeClock(), timeoutMs = 2_000): StubResolver {
  return openStubResolver({ servers, timeoutMs, probeName: "." }, clock);
}

const soon = (clock = fakeClock()) => clock.nowMs() + 2_000;

interface Case {
  readonly name: string;
  readonly type: RecordType;
  readonly mode: UdpMode;
  readonly answer: DnsAnswer;
  /** The second without EDNS, for a server that does not understand us. */
  readonly packets?: 2;
}

const answers: readonly Case[] = [
  { name: "A", type: "A", mode: records(Buffer.of(192, 0, 2, 1)), answer: found(["192.0.2.1"]) },
  {
    name: "AAAA, canonical",
    type: "AAAA",
    mode: records(Buffer.from("20010db8000000000000000000000001", "hex")),
    answer: found(["2001:db8::1"]),
  },
  {
    name: "PTR with bytes that are in no name",
    type: "PTR",
    mode: records(nameBytes("mail", "test"), nameBytes("ev il", "te|st\x00\xe9")),
    answer: found(["mail.test", "ev il.te|st\\000\\233"]),
  },
  {
    name: "CNAME",
    type: "CNAME",
    mode: records(nameBytes("b", "test")),
    answer: found(["b.test"]),
  },
  {
    name: "MX and null MX",
    type: "MX",
    mode: records(Buffer.concat([Buffer.of(0, 10), nameBytes("mx", "test")]), Buffer.of(0, 0, 0)),
    answer: found([
      { preference: 10, exchange: "mx.test" },
      { preference: 0, exchange: "." },
    ]),
  },
  {
    name: "TXT, its strings joined, its bytes kept",
    type: "TXT",
    mode: records(txtBytes("v=spf1 ", "\xc3\xa9 -all"), txtBytes("")),
    answer: found(["v=spf1 \xc3\xa9 -all", ""]),
  },
  { name: "nodata", type: "A", mode: records(), answer: { status: "none", reason: "nodata" } },
  { name: "NXDOMAIN", type: "A", mode: rcode(3), answer: { status: "none", reason: "nxdomain" } },
  { name: "SERVFAIL", type: "A", mode: rcode(2), answer: fault("servfail") },
  { name: "REFUSED", type: "A", mode: rcode(5), answer: fault("refused") },
  { name: "NOTIMP", type: "A", mode: rcode(4), answer: fault("refused"), packets: 2 },
  { name: "FORMERR", type: "A", mode: rcode(1), answer: fault("bad answer"), packets: 2 },
  {
    name: "an A of three bytes",
    type: "A",
    mode: records(Buffer.of(1, 2, 3)),
    answer: fault("bad answer"),
  },
];
for (const { name, type, mode, answer, packets = 1 } of answers) {
  test(`openStubResolver: ${name}`, async () => {
    await using dns = await openUdpDns();
    dns.answerWith(mode);
    const clock = fakeClock();
    const node = open([dns.server], clock);
    assert.deepEqual(await node.ask(question("a.test", soon(), type)), answer);
    assert.deepEqual(dns.packets, Array(packets).fill("a.test"));
    assert.equal(clock.pending(), 0);
  });
}

test("openStubResolver: a silent server costs one packet and ends at the deadline", async () => {
  await using dns = await openUdpDns();
  const clock = fakeClock();
  const asked = open([dns.server], clock).ask(question("a.test", clock.nowMs() + 2_000));
  await dns.received(1);
  await clock.advance(2_000);
  assert.deepEqual(await asked, fault("timeout"));
  assert.equal(dns.packets.length, 1);
});

test("openStubResolver: questions under way together come from ports of their own", async () => {
  await using dns = await openUdpDns();
  const clock = fakeClock();
  const node = open([dns.server], clock);
  const asked = Array.from({ length: 50 }, (_, i) => node.ask(question(`${i}.test`, soon(clock))));
  await dns.received(50);
  assert.equal(new Set(dns.ports).size, 50);
  node.close();
  assert.deepEqual(new Set((await Promise.all(asked)).map(detailOf)), new Set(["closed"]));
  assert.equal(clock.pending(), 0);
});

test("openStubResolver: after a timeout the next question has its own answer", async () => {
  await using dns = await openUdpDns();
  const clock = fakeClock();
  const node = open([dns.server], clock);
  const first = node.ask(question("a.test", soon(clock)));
  await dns.received(1);
  await clock.advance(2_000);
  dns.answerWith(records(Buffer.of(192, 0, 2, 2)));
  assert.deepEqual(await first, fault("timeout"));
  assert.deepEqual(await node.ask(question("b.test", soon(clock))), found(["192.0.2.2"]));
});

test("openStubResolver: a question that is dropped ends at once, and no other server is asked it", async () => {
  await using silent = await openUdpDns();
  await using other = await openUdpDns();
  const clock = fakeClock();
  const node = open([silent.server, other.server], clock);
  const goes = new AbortController();
  const asked = node.ask({ ...question("a.test", soon(clock)), signal: goes.signal });
  await silent.received(1);
  goes.abort();
  assert.deepEqual(await asked, fault("cancelled"));
  const late = await node.ask({ ...question("b.test", soon(clock)), signal: goes.signal });
  assert.deepEqual(late, fault("cancelled"));
  assert.deepEqual([silent.packets, other.packets], [["a.test"], []]);
  assert.equal(clock.pending(), 0);
});

test("openStubResolver: nobody listens", async () => {
  const dns = await openUdpDns();
  await dns[Symbol.asyncDispose]();
  const node = open([dns.server]);
  assert.deepEqual(await node.ask(question("a.test", soon())), fault("unreachable"));
  assert.equal(await node.probe(), "silent");
});

test("openStubResolver: the second server is asked after half the time, and first from then on", async () => {
  await using silent = await openUdpDns();
  await using alive = await openUdpDns();
  alive.answerWith(records(Buffer.of(192, 0, 2, 1)));
  const clock = fakeClock();
  const node = open([silent.server, alive.server], clock);
  const first = node.ask(question("a.test", soon(clock)));
  await silent.received(1);
  assert.equal(alive.packets.length, 0);
  await clock.advance(1_000);
  assert.deepEqual(await first, found(["192.0.2.1"]));
  await node.ask(question("b.test", soon(clock)));
  assert.deepEqual(silent.packets, ["a.test"]);
  assert.deepEqual(alive.packets, ["a.test", "b.test"]);
});

test("openStubResolver: SERVFAIL is an answer, the second server is not asked", async () => {
  await using validating = await openUdpDns();
  await using lax = await openUdpDns();
  validating.answerWith(rcode(2));
  const node = open([validating.server, lax.server]);
  assert.deepEqual(await node.ask(question("a.test", soon())), fault("servfail"));
  assert.equal(lax.packets.length, 0);
});

const probes: readonly { name: string; mode: UdpMode; result: "answers" | "errors" }[] = [
  { name: "records", mode: records(nameBytes("ns", "test")), result: "answers" },
  { name: "NXDOMAIN", mode: rcode(3), result: "answers" },
  { name: "nodata", mode: records(), result: "answers" },
  { name: "SERVFAIL", mode: rcode(2), result: "errors" },
  { name: "REFUSED", mode: rcode(5), result: "errors" },
];
for (const { name, mode, result } of probes) {
  test(`openStubResolver: probe() of a server that says ${name}: ${result}`, async () => {
    await using dns = await openUdpDns();
    dns.answerWith(mode);
    assert.equal(await open([dns.server]).probe(), result);
    assert.deepEqual(dns.packets, [""]);
  });
}

test("openStubResolver: probe() of a silent server", async () => {
  await using dns = await openUdpDns();
  const clock = fakeClock();
  const probe = open([dns.server], clock).probe();
  await dns.received(1);
  await clock.advance(2_000);
  assert.equal(await probe, "silent");
});

for (const name of ["bounce+user=example.org.test", "o'hara_#!%&*-/?^`{|}~,:<>[].test"]) {
  test(`openStubResolver: a local part in a name, by a macro of SPF, is asked: ${name}`, async () => {
    await using dns = await openUdpDns();
    dns.answerWith(records(Buffer.of(127, 0, 0, 2)));
    const answer = await open([dns.server]).ask(question(name, soon()));
    assert.deepEqual(answer, found(["127.0.0.2"]));
    assert.deepEqual(dns.packets, [name]);
  });
}

for (const name of ["a b.test", "\xe9.test", "a\\.b.test", 'a".test', "a\x00.test"]) {
  test(`openStubResolver: ${JSON.stringify(name)} is not asked`, async () => {
    await using dns = await openUdpDns();
    const answer = await open([dns.server]).ask(question(name, soon()));
    assert.deepEqual(answer, { status: "none", reason: "nxdomain" });
    assert.equal(dns.packets.length, 0);
  });
}

for (const server of ["127.0.0.1", "127.0.0.1:5353", "[::1]:53", "::1"]) {
  test(`openStubResolver: takes the server ${server}`, () => {
    assert.doesNotThrow(() => open([server]));
  });
}
for (const server of ["localhost", "127.0.0.1:99999", "127.0.0", ""]) {
  test(`openStubResolver: refuses the server ${JSON.stringify(server)}`, () => {
    assert.throws(() => open([server]), { name: "TypeError", message: /^Cannot use DNS server "/ });
  });
}

function records(...rdata: readonly Uint8Array[]): UdpMode {
  return { kind: "answer", rdata };
}

function rcode(code: number): UdpMode {
  return { kind: "rcode", rcode: code };
}

function detailOf(answer: DnsAnswer): string {
  return answer.status === "temperror" ? answer.detail : answer.status;
}
