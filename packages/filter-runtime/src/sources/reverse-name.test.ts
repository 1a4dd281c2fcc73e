import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DnsAnswer,
  fault,
  found,
  parseDnsScript,
  resolverOf,
  scriptedResolver,
} from "@postern/dns";
import { type IpAddress, parseIpAddress } from "@postern/smtp-filter";
import { settle } from "@postern/smtp-filter/testing";
import fc from "fast-check";
import { type Fcrdns, lookUpReverseName } from "./reverse-name.ts";

const REVERSE = "1.2.0.192.in-addr.arpa";
const MINE = { A: ["192.0.2.1"] };
const OTHER = { A: ["192.0.2.2"] };

const cases: readonly { name: string; dns: object; value: string | null; fcrdns: Fcrdns }[] = [
  {
    name: "confirmed",
    dns: { [REVERSE]: { PTR: ["mail.test"] }, "mail.test": MINE },
    value: "mail.test",
    fcrdns: "pass",
  },
  {
    name: "in upper case with a dot",
    dns: { [REVERSE]: { PTR: ["MAIL.Test."] }, "mail.test": MINE },
    value: "mail.test",
    fcrdns: "pass",
  },
  {
    name: "another address",
    dns: { [REVERSE]: { PTR: ["mail.test"] }, "mail.test": OTHER },
    value: "mail.test",
    fcrdns: "fail",
  },
  {
    name: "no forward name",
    dns: { [REVERSE]: { PTR: ["mail.test"] } },
    value: "mail.test",
    fcrdns: "fail",
  },
  {
    name: "only the other family",
    dns: { [REVERSE]: { PTR: ["mail.test"] }, "mail.test": { AAAA: ["2001:db8::1"] } },
    value: "mail.test",
    fcrdns: "fail",
  },
  {
    name: "forward lookup fails",
    dns: { [REVERSE]: { PTR: ["mail.test"] }, "mail.test": "timeout" },
    value: "mail.test",
    fcrdns: "temperror",
  },
  {
    name: "one fails, one is another's",
    dns: { [REVERSE]: { PTR: ["b.test", "a.test"] }, "a.test": "servfail", "b.test": OTHER },
    value: "a.test",
    fcrdns: "temperror",
  },
  {
    name: "one fails, one confirms",
    dns: { [REVERSE]: { PTR: ["b.test", "a.test"] }, "a.test": "servfail", "b.test": MINE },
    value: "b.test",
    fcrdns: "pass",
  },
  {
    name: "two confirm: the alphabetically first",
    dns: {
      [REVERSE]: { PTR: ["c.test", "b.test", "a.test"] },
      "a.test": OTHER,
      "b.test": MINE,
      "c.test": MINE,
    },
    value: "b.test",
    fcrdns: "pass",
  },
  {
    name: "through a CNAME",
    dns: {
      [REVERSE]: { CNAME: ["1.0-7.2.0.192.in-addr.arpa"] },
      "1.0-7.2.0.192.in-addr.arpa": { PTR: ["a.test"] },
      "a.test": MINE,
    },
    value: "a.test",
    fcrdns: "pass",
  },
  { name: "no PTR", dns: {}, value: null, fcrdns: "none" },
  { name: "empty PTR", dns: { [REVERSE]: { PTR: [] } }, value: null, fcrdns: "none" },
  {
    name: "an underscore is legal",
    dns: { [REVERSE]: { PTR: ["my_host.test"] }, "my_host.test": MINE },
    value: "my_host.test",
    fcrdns: "pass",
  },
  {
    name: "a name among non-names",
    dns: { [REVERSE]: { PTR: ["a b.test", "mail.test"] }, "mail.test": MINE },
    value: "mail.test",
    fcrdns: "pass",
  },
];
for (const { name, dns, value, fcrdns } of cases) {
  test(`lookUpReverseName: ${name}`, async () => {
    const resolver = scriptedResolver(parseDnsScript(dns));
    assert.deepEqual(await lookUpReverseName(resolver, address("192.0.2.1")), {
      reverseName: value === null ? { status: "none" } : { status: "found", value },
      fcrdns,
    });
  });
}

for (const fails of ["timeout", "servfail"] as const) {
  test(`lookUpReverseName: PTR ends as ${fails}`, async () => {
    const resolver = scriptedResolver(parseDnsScript({ [REVERSE]: fails }));
    assert.deepEqual(await lookUpReverseName(resolver, address("192.0.2.1")), {
      reverseName: fault(fails),
      fcrdns: "temperror",
    });
  });
}

for (const evil of [
  "a b.test",
  "a|b.test",
  "a/b.test",
  'a".test',
  "a'.test",
  "a\n.test",
  "a\x00.test",
  "a\\032.test",
  "é.test",
  "<script>.test",
  "-a.test",
  "a..test",
  "",
  ".",
  "x".repeat(64),
]) {
  test(`lookUpReverseName: the PTR ${JSON.stringify(evil.slice(0, 20))} is none`, async () => {
    const questions: string[] = [];
    const resolver = scriptedResolver(parseDnsScript({ [REVERSE]: { PTR: [evil] } }), (name) =>
      questions.push(name),
    );
    assert.deepEqual(await lookUpReverseName(resolver, address("192.0.2.1")), {
      reverseName: { status: "none" },
      fcrdns: "none",
    });
    assert.deepEqual(questions, [REVERSE]);
  });
}

test("lookUpReverseName: IPv6 is compared by value, and only AAAA is asked", async () => {
  const questions: string[] = [];
  const resolver = scriptedResolver(
    parseDnsScript({
      "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa": {
        PTR: ["six.test"],
      },
      "six.test": { AAAA: ["2001:0DB8:0:0:0:0:0:0001"] },
    }),
    (name, type) => questions.push(`${type} ${name}`),
  );
  const { fcrdns } = await lookUpReverseName(resolver, address("2001:db8::1"));
  assert.equal(fcrdns, "pass");
  assert.deepEqual(questions.slice(1), ["AAAA six.test"]);
});

test("lookUpReverseName: of 30 names the alphabetically first 10 are tried, each once", async () => {
  const names = Array.from({ length: 30 }, (_, i) => `n${String(i).padStart(2, "0")}.test`);
  const questions: string[] = [];
  const resolver = scriptedResolver(
    parseDnsScript({
      [REVERSE]: { PTR: [...names.toReversed(), ...names] },
      "n10.test": MINE,
    }),
    (name) => questions.push(name),
  );
  const { fcrdns } = await lookUpReverseName(resolver, address("192.0.2.1"));
  assert.equal(fcrdns, "fail");
  assert.deepEqual(questions.slice(1), names.slice(0, 10));
});

test("lookUpReverseName: does not wait for names behind the one that confirms", async () => {
  const open = new Map<string, (answer: DnsAnswer) => void>();
  const resolver = resolverOf((name, type) =>
    type === "PTR"
      ? Promise.resolve(found(["a.test", "b.test", "c.test"]))
      : new Promise((resolve) => open.set(name, resolve)),
  );
  let result: unknown;
  void lookUpReverseName(resolver, address("192.0.2.1")).then((value) => {
    result = value;
  });
  await settle();
  open.get("b.test")?.(found(["192.0.2.1"]));
  await settle();
  assert.equal(result, undefined);
  open.get("a.test")?.(fault("timeout"));
  await settle();
  assert.deepEqual(result, { reverseName: { status: "found", value: "b.test" }, fcrdns: "pass" });
});

test("lookUpReverseName: the order of the answer does not matter", async () => {
  const dns = { "a.test": OTHER, "b.test": MINE, "c.test": "timeout", "d.test": MINE };
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(Object.keys(dns)), async (names) => {
      const look = (ptr: readonly string[]) =>
        lookUpReverseName(
          scriptedResolver(parseDnsScript({ ...dns, [REVERSE]: { PTR: ptr } })),
          address("192.0.2.1"),
        );
      assert.deepEqual(await look(names), await look(names.toSorted()));
    }),
  );
});

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  assert.ok(parsed !== undefined);
  return parsed;
}
