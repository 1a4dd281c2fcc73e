import assert from "node:assert/strict";
import { Resolver } from "node:dns/promises";
import { test } from "node:test";
import type { Zone } from "./dns-zone.ts";
import { serveZone } from "./scripted-dns.ts";

const zone: Zone = {
  "1.2.0.192.in-addr.arpa": { PTR: ["mail.example.com", "other.example.com"] },
  "mail.example.com": { A: ["192.0.2.1"], AAAA: ["2001:db8::1", "::ffff:192.0.2.1", "::"] },
  "Alias.example.com": { CNAME: ["second.example.com"] },
  "second.example.com": { CNAME: ["mail.example.com"] },
  "lost.example.com": { CNAME: ["nowhere.example"] },
  "loop.example.com": { CNAME: ["loop.example.com"] },
  "example.com": { TXT: ["v=spf1 -all", "x".repeat(600)], MX: ["10 mail.example.com"] },
  "parts.example.com": { TXT: [["one ", "", "two"], "snow \u2603"] },
  "null.example.com": { MX: ["0 ."] },
  "bare.example.com": {},
  "below.deep.example.net": { A: ["192.0.2.9"] },
  "slow.example.com": "timeout",
  "bad.example.com": { TXT: "servfail", A: ["192.0.2.8"], MX: "timeout" },
  "big.example.com": { TXT: Array.from({ length: 40 }, (_, at) => `${at} ${"y".repeat(200)}`) },
};

async function ask(served: Zone = zone) {
  const dns = await serveZone(served);
  const resolver = new Resolver({ timeout: 300, tries: 1 });
  resolver.setServers([`127.0.0.1:${dns.port}`]);
  return { dns, resolver, [Symbol.asyncDispose]: () => dns.close() };
}

test("serveZone: every type", async () => {
  await using context = await ask();
  const { resolver } = context;
  assert.deepEqual(await resolver.resolvePtr("1.2.0.192.in-addr.arpa"), [
    "mail.example.com",
    "other.example.com",
  ]);
  assert.deepEqual(await resolver.resolve4("MAIL.example.com"), ["192.0.2.1"]);
  assert.deepEqual(await resolver.resolve6("mail.example.com"), [
    "2001:db8::1",
    "::ffff:192.0.2.1",
    "::",
  ]);
  assert.deepEqual(await resolver.resolveMx("example.com"), [
    { exchange: "mail.example.com", priority: 10, type: "MX" },
  ]);
  assert.deepEqual(await resolver.resolveTxt("example.com"), [
    ["v=spf1 -all"],
    ["x".repeat(255), "x".repeat(255), "x".repeat(90)],
  ]);
  assert.deepEqual(await resolver.resolveTxt("parts.example.com"), [
    ["one ", "", "two"],
    [Buffer.from("snow \u2603").toString("latin1")],
  ]);
  assert.deepEqual(await resolver.resolveCname("alias.example.com"), ["second.example.com"]);
});

test("serveZone: CNAMEs are followed", async () => {
  await using context = await ask();
  const { resolver } = context;
  assert.deepEqual(await resolver.resolve4("alias.example.com"), ["192.0.2.1"]);
  await assert.rejects(resolver.resolve4("lost.example.com"), { code: "ENOTFOUND" });
  await assert.rejects(resolver.resolve4("loop.example.com"), { code: "ESERVFAIL" });
});

test("serveZone: nothing there, no such name, and failures are told apart", async () => {
  await using context = await ask();
  const { resolver } = context;
  for (const name of ["bare.example.com", "deep.example.net", "example.net", "com"]) {
    await assert.rejects(resolver.resolve4(name), { code: "ENODATA" }, name);
  }
  for (const name of ["no.example.com", "xample.net", "org", "x.below.deep.example.net"]) {
    await assert.rejects(resolver.resolve4(name), { code: "ENOTFOUND" }, name);
  }
  await assert.rejects(resolver.resolveTxt("bad.example.com"), { code: "ESERVFAIL" });
  await assert.rejects(resolver.resolveMx("bad.example.com"), { code: "ETIMEOUT" });
  await assert.rejects(resolver.resolve6("slow.example.com"), { code: "ETIMEOUT" });
  assert.deepEqual(await resolver.resolve4("bad.example.com"), ["192.0.2.8"]);
});

test("serveZone: an answer too long for UDP comes by TCP", async () => {
  await using context = await ask();
  const { resolver } = context;
  assert.equal((await resolver.resolveTxt("big.example.com")).length, 40);
});

test("serveZone: names with odd bytes", async () => {
  const odd = [
    'a b|"c"',
    "tab\there",
    "dot\\.ted",
    "nul\\000",
    "back\\\\slash",
    "\u2603",
    "x".repeat(63),
  ];
  const names = odd.map((label) => `${label}.example.com`);
  await using context = await ask({
    "1.2.0.192.in-addr.arpa": { PTR: names },
    "dot\\.ted.example.com": { A: ["192.0.2.1"] },
  });
  const { resolver, dns } = context;
  // c-ares writes what is not printable as \DDD and puts \ before what is special in a zone file.
  const answers = await resolver.resolvePtr("1.2.0.192.in-addr.arpa");
  assert.deepEqual(answers, [
    'a b|\\"c\\".example.com',
    "tab\\009here.example.com",
    "dot\\.ted.example.com",
    "nul\\000.example.com",
    "back\\\\slash.example.com",
    "\\226\\152\\131.example.com",
    `${"x".repeat(63)}.example.com`,
  ]);
  assert.deepEqual(await resolver.resolve4("dot\\.ted.example.com"), ["192.0.2.1"]);
  assert.equal(dns.questions.length, 2);
});

test("serveZone: the zone can be replaced, questions are kept", async () => {
  await using context = await ask();
  const { resolver, dns } = context;
  await assert.rejects(resolver.resolve4("new.example.org"), { code: "ENOTFOUND" });
  dns.setZone({ "new.example.org": { A: ["192.0.2.77"] } });
  assert.deepEqual(await resolver.resolve4("new.example.org"), ["192.0.2.77"]);
  await assert.rejects(resolver.resolveCaa("new.example.org"), { code: "ENODATA" });
  assert.deepEqual(dns.questions, [
    { name: "new.example.org", type: "A" },
    { name: "new.example.org", type: "A" },
    { name: "new.example.org", type: "TYPE257" },
  ]);
  assert.throws(() => dns.setZone({ x: { A: ["nonsense"] } }), RangeError);
  assert.deepEqual(await resolver.resolve4("new.example.org"), ["192.0.2.77"]);
});
