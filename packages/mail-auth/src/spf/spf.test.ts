import assert from "node:assert/strict";
import { test } from "node:test";
import { type DnsAnswer, parseDnsScript, resolverOf, scriptedResolver } from "@postern/dns";
import type { SpfFact } from "@postern/filter-core";
import { type IpAddress, parseIpAddress, parseReversePath } from "@postern/smtp-filter";
import { fakeClock, settle } from "@postern/smtp-filter/testing";
import { QUESTIONS } from "../question-budget.ts";
import { evaluateSpf } from "./spf.ts";

const clock = fakeClock();

async function check(
  dns: Readonly<Record<string, unknown>>,
  { from = "a@example.com", helo = "mail.example.com", ip = "192.0.2.1" } = {},
): Promise<{ readonly fact: SpfFact; readonly questions: readonly string[] }> {
  const questions: string[] = [];
  const resolver = scriptedResolver(parseDnsScript(dns), (name, type) =>
    questions.push(`${type} ${name}`),
  );
  const fact = await evaluateSpf(
    resolver,
    { address: address(ip), helo, identity: parseReversePath(bytes(from)) },
    clock,
  );
  return { fact, questions };
}

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  assert.ok(parsed);
  return parsed;
}

function bytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

const txt = (text: string) => ({ TXT: [text] });
const some = "some" as const;

const cases: readonly [
  name: string,
  dns: Readonly<Record<string, unknown>>,
  options: Parameters<typeof check>[1],
  fact: SpfFact | { readonly result: string; readonly domain: string | null },
][] = [
  [
    "pass",
    { "example.com": txt("v=spf1 ip4:192.0.2.1 -all") },
    {},
    { result: "pass", domain: "example.com" },
  ],
  ["fail", { "example.com": txt("v=spf1 -all") }, {}, { result: "fail", domain: "example.com" }],
  ["no record", {}, {}, { result: "none", domain: "example.com" }],
  ["timeout", { "example.com": "timeout" }, {}, { result: "temperror", domain: "example.com" }],
  [
    "an included record that cannot be asked for",
    { "example.com": txt("v=spf1 include:b.example -all"), "b.example": "timeout" },
    {},
    { result: "temperror", domain: "example.com" },
  ],
  [
    "the null sender is the HELO name",
    { "mail.example.com": { A: ["192.0.2.1"], ...txt("v=spf1 a -all") } },
    { from: "<>" },
    { result: "pass", domain: "mail.example.com" },
  ],
  [
    "a HELO that is not a name",
    {},
    { from: "<>", helo: "[192.0.2.1]" },
    { result: "none", domain: null },
  ],
  [
    "an underscore",
    { "bounce_mail.example.com": txt("v=spf1 ip4:192.0.2.1 -all") },
    { from: "a@bounce_mail.example.com" },
    { result: "pass", domain: "bounce_mail.example.com" },
  ],
  [
    "a U-label",
    { "xn--bcher-kva.example": txt("v=spf1 ip4:192.0.2.1 -all") },
    { from: "a@bücher.example" },
    { result: "pass", domain: "xn--bcher-kva.example" },
  ],
  [
    "IPv6",
    { "example.com": txt("v=spf1 ip6:2001:db8::/32 -all") },
    { ip: "2001:db8::1" },
    { result: "pass", domain: "example.com" },
  ],
  [
    "an endless local part",
    { "example.com": txt("v=spf1 ip4:192.0.2.1 -all") },
    { from: `${"a".repeat(400)}@example.com` },
    { result: "permerror", domain: "example.com" },
  ],
  [
    "an endless record",
    { "example.com": txt(`v=spf1 ${"a ".repeat(5_000)}-all`) },
    {},
    { result: "permerror", domain: "example.com" },
  ],
];

for (const [name, dns, options, fact] of cases) {
  test(`SPF: ${name}`, async () => {
    assert.deepEqual((await check(dns, options)).fact, { ...fact, permits: some });
  });
}

test("SPF: everybody may send", async () => {
  for (const record of ["v=spf1 +all", "v=spf1 include:b.example -all"]) {
    const { fact } = await check({
      "example.com": txt(record),
      "b.example": txt("v=spf1 all"),
    });
    assert.deepEqual([fact.result, fact.permits], ["pass", "everybody"]);
  }
});

test("SPF: what a failing domain wants to have explained is not asked for", async () => {
  const { fact, questions } = await check({
    "example.com": txt("v=spf1 -all exp=why.example.com"),
    "why.example.com": txt("250 fooled you"),
  });
  assert.equal(fact.result, "fail");
  assert.deepEqual(questions, ["TXT example.com"]);
});

const many = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join(" ");

/** Records that ask as much as they can. */
const bombs: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "ten mx of ten hosts": {
    "example.com": txt(`v=spf1 ${many(10, (n) => `mx:m${n}.example`)} -all`),
    ...Object.fromEntries(
      Array.from({ length: 10 }, (_, n) => [
        `m${n}.example`,
        { MX: Array.from({ length: 10 }, (_, k) => `10 h${n}-${k}.example`) },
      ]),
    ),
    ...Object.fromEntries(
      Array.from({ length: 100 }, (_, n) => [
        `h${Math.floor(n / 10)}-${n % 10}.example`,
        { A: ["203.0.113.9"] },
      ]),
    ),
  },
  "an include that includes itself": { "example.com": txt("v=spf1 include:example.com -all") },
  "a redirect to itself": { "example.com": txt("v=spf1 redirect=example.com") },
  "two that include each other": {
    "example.com": txt("v=spf1 include:b.example -all"),
    "b.example": txt("v=spf1 include:example.com -all"),
  },
  "a chain of thirty": Object.fromEntries(
    Array.from({ length: 30 }, (_, n) => [
      n === 0 ? "example.com" : `c${n}.example`,
      txt(`v=spf1 include:c${n + 1}.example -all`),
    ]),
  ),
  "a hundred exists with macros": {
    "example.com": txt(`v=spf1 ${many(100, (n) => `exists:%{l}.%{i}.${n}.victim.example`)} -all`),
    "victim.example": { A: ["192.0.2.9"] },
  },
  "a hundred ptr": {
    "example.com": txt(`v=spf1 ${many(100, () => "ptr:b.example")} -all`),
    "1.2.0.192.in-addr.arpa": {
      PTR: Array.from({ length: 100 }, (_, n) => `p${n}.attacker.example`),
    },
  },
  "twelve names that are not there": {
    "example.com": txt(`v=spf1 ${many(12, (n) => `a:v${n}.example`)} -all`),
  },
  "a macro that grows": { "example.com": txt(`v=spf1 a:${"%{l}".repeat(60)}.example -all`) },
};

for (const [name, dns] of Object.entries(bombs)) {
  test(`SPF: ${name} ends within the budget, and is not evidence of a forgery`, async () => {
    const { fact, questions } = await check(dns, { from: `${"x".repeat(60)}@example.com` });
    assert.ok(questions.length <= QUESTIONS.spfMailfrom, questions.join("\n"));
    assert.ok(questions.filter((question) => question.startsWith("TXT")).length <= 11);
    if (name !== "a macro that grows")
      assert.ok(["permerror", "temperror"].includes(fact.result), fact.result);
  });
}

for (const [count, result] of [
  [0, "fail"],
  [1, "fail"],
  [2, "fail"],
  [3, "permerror"],
] as const) {
  test(`SPF: ${count} lookups that find nothing make ${result}`, async () => {
    const { fact } = await check({
      "example.com": txt(`v=spf1 ${many(count, (n) => `a:v${n}.example`)} -all`),
      "v0.example": {},
    });
    assert.equal(fact.result, result);
  });
}

for (const [size, result] of [
  [512, "pass"],
  [513, "permerror"],
  [7_900, "permerror"],
] as const) {
  test(`SPF: a term of ${size} bytes makes ${result}`, async () => {
    const term = `redirect=x.${"a".repeat(size)}`.slice(0, size);
    const { fact } = await check({ "example.com": txt(`v=spf1 ip4:192.0.2.1 ${term}`) });
    assert.equal(fact.result, result);
  });
}

/** Nobody of whom is the client, in ten answers. */
const addresses = (count: number): Record<string, Record<string, readonly string[]>> =>
  Object.fromEntries(
    Array.from({ length: 10 }, (_, n) => [
      `v${n}.example`,
      { A: Array.from({ length: count / 10 }, (_, i) => `198.51.${n}.${i}`) },
    ]),
  );

for (const [term, count, result] of [
  ["a", 1_000, "fail"],
  ["a", 1_010, "permerror"],
  ["mx", 980, "fail"],
  ["mx", 1_000, "permerror"],
] as const)
  test(`SPF: ${count} addresses behind ${term} terms make ${result}: each is parsed and compared, for every mail`, async () => {
    const names = Object.keys(addresses(count));
    const terms = term === "a" ? names.map((name) => `a:${name}`) : ["mx"];
    const { fact } = await check({
      "example.com": {
        ...txt(`v=spf1 ${terms.join(" ")} -all`),
        MX: names.map((name) => `10 ${name}`),
      },
      ...addresses(count),
    });
    assert.equal(fact.result, result);
  });

for (const [count, result] of [
  [1_500, "neutral"],
  [2_000, "permerror"],
] as const)
  test(`SPF: nine records of ${count} bytes make ${result}`, async () => {
    const names = Array.from({ length: 9 }, (_, n) => `v${n}.example`);
    const record = `v=spf1 ${"ip6:2001:db8::1 ".repeat(count / 16)}`;
    const { fact } = await check({
      "example.com": txt(`v=spf1 ${names.map((name) => `include:${name}`).join(" ")} ?all`),
      ...Object.fromEntries(names.map((name) => [name, txt(record)])),
    });
    assert.equal(fact.result, result);
  });

test("SPF: a DNS that never answers makes temperror after 20 s, and is not asked any more", async () => {
  const running = fakeClock();
  let asked = 0;
  let answerFirst: (answer: DnsAnswer) => void = () => {};
  const resolver = resolverOf(() => {
    asked += 1;
    return new Promise((resolve) => {
      answerFirst = resolve;
    });
  });
  const fact = evaluateSpf(
    resolver,
    { address: address("192.0.2.1"), helo: null, identity: parseReversePath("a@example.com") },
    running,
  );
  await running.advance(20_000);
  assert.equal((await fact).result, "temperror");
  answerFirst({ status: "found", value: ["v=spf1 a:b.example -all"] });
  await settle();
  assert.equal(asked, 1);
});
