import assert from "node:assert/strict";
import { test } from "node:test";
import { type DnsAnswer, fault, found } from "../answer/answer.ts";
import type { RecordType } from "../answer/record.ts";
import { parseDnsScript } from "./parse-script.ts";
import { scriptedResolver } from "./scripted.ts";

const chain = Object.fromEntries(
  Array.from({ length: 9 }, (_, i) => [`c${i}.test`, { CNAME: [`c${i + 1}.test`] }]),
);

const script = {
  "1.2.0.192.in-addr.arpa": { PTR: ["mail.example.com", "Dotted.Example.COM."] },
  "mail.example.com": { A: ["192.0.2.1"], AAAA: ["2001:DB8::0:1"] },
  "Example.COM.": {
    TXT: ["v=spf1 a:mail.example.com -all"],
    MX: ["10 mail.example.com.", "020  b.test"],
  },
  "long.example.com": { TXT: [["one string ", "and its second part"], "another"] },
  "utf8.test": { TXT: ["é"] },
  "mail.é.test": { A: ["192.0.2.9"] },
  "slow.example.com": "timeout",
  "bad.example.com": { TXT: "servfail", A: ["192.0.2.3"], MX: [] },
  "empty.test": {},
  "null.test": { MX: ["0 ."] },
  "below.ent.test": {},
  "alias.test": { CNAME: ["MAIL.example.com."], A: ["192.0.2.99"] },
  "alias-of-nothing.test": { CNAME: ["nothing.test"] },
  "alias-of-ent.test": { CNAME: ["ent.test"] },
  "alias-of-slow.test": { CNAME: ["slow.example.com"] },
  "alias-of-no-name.test": { CNAME: ["a..b"] },
  "alias-fails.test": { CNAME: "timeout", A: ["192.0.2.99"] },
  "loop.test": { CNAME: ["loop2.test"] },
  "loop2.test": { CNAME: ["loop.test"] },
  ...chain,
  "c9.test": { A: ["192.0.2.9"] },
  constructor: { A: ["192.0.2.4"] },
};

const NXDOMAIN: DnsAnswer = { status: "none", reason: "nxdomain" };
const NODATA: DnsAnswer = { status: "none", reason: "nodata" };

const cases: readonly { name: string; type: RecordType; answer: DnsAnswer }[] = [
  { name: "mail.example.com", type: "A", answer: found(["192.0.2.1"]) },
  { name: "MAIL.example.com.", type: "AAAA", answer: found(["2001:db8::1"]) },
  { name: "mail.example.com", type: "TXT", answer: NODATA },
  {
    name: "1.2.0.192.in-addr.arpa",
    type: "PTR",
    answer: found(["mail.example.com", "Dotted.Example.COM"]),
  },
  {
    name: "example.com",
    type: "MX",
    answer: found([
      { preference: 10, exchange: "mail.example.com" },
      { preference: 20, exchange: "b.test" },
    ]),
  },
  {
    name: "long.example.com",
    type: "TXT",
    answer: found(["one string and its second part", "another"]),
  },
  { name: "utf8.test", type: "TXT", answer: found(["\xc3\xa9"]) },
  { name: "mail.\xc3\xa9.test", type: "A", answer: found(["192.0.2.9"]) },
  { name: "slow.example.com", type: "A", answer: fault("timeout") },
  { name: "slow.example.com", type: "TXT", answer: fault("timeout") },
  { name: "bad.example.com", type: "TXT", answer: fault("servfail") },
  { name: "bad.example.com", type: "A", answer: found(["192.0.2.3"]) },
  { name: "bad.example.com", type: "MX", answer: NODATA },
  { name: "empty.test", type: "A", answer: NODATA },
  { name: "null.test", type: "MX", answer: found([{ preference: 0, exchange: "." }]) },
  { name: "nothing.test", type: "A", answer: NXDOMAIN },
  { name: "below.empty.test", type: "A", answer: NXDOMAIN },
  { name: "ent.test", type: "A", answer: NODATA },
  { name: "test", type: "A", answer: NODATA },
  { name: "a..b", type: "A", answer: NXDOMAIN },
  { name: "alias.test", type: "A", answer: found(["192.0.2.1"]) },
  { name: "alias.test", type: "TXT", answer: NODATA },
  { name: "alias.test", type: "CNAME", answer: found(["MAIL.example.com"]) },
  { name: "alias-of-nothing.test", type: "A", answer: NXDOMAIN },
  { name: "alias-of-ent.test", type: "A", answer: NODATA },
  { name: "alias-of-slow.test", type: "A", answer: fault("timeout") },
  { name: "alias-of-no-name.test", type: "A", answer: NXDOMAIN },
  { name: "alias-fails.test", type: "A", answer: fault("timeout") },
  { name: "loop.test", type: "A", answer: fault("servfail") },
  { name: "c1.test", type: "A", answer: found(["192.0.2.9"]) },
  { name: "c0.test", type: "A", answer: fault("servfail") },
  { name: "constructor", type: "A", answer: found(["192.0.2.4"]) },
  { name: "__proto__", type: "A", answer: NXDOMAIN },
  { name: "toString", type: "A", answer: NXDOMAIN },
];
for (const { name, type, answer } of cases) {
  test(`scriptedResolver: ${type} of ${JSON.stringify(name)}`, async () => {
    assert.deepEqual(await scriptedResolver(parseDnsScript(script)).ask(name, type), answer);
  });
}

test("scriptedResolver: shows the questions, canonical, those that are no question left out", async () => {
  const questions: string[] = [];
  const resolver = scriptedResolver(parseDnsScript({}), (name, type) =>
    questions.push(`${type} ${name}`),
  );
  await resolver.ask("A.Test.", "A");
  await resolver.ask("a..b", "MX");
  assert.deepEqual(questions, ["A a.test"]);
});
