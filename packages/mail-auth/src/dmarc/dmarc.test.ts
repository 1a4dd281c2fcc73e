import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DnsFault,
  fault,
  parseDnsScript,
  type Resolver,
  scriptedResolver,
} from "@postern/dns";
import type { AuthorFact, SpfFacts } from "@postern/filter-core";
import { parseDomain } from "@postern/smtp-filter";
import { evaluateDmarc } from "./dmarc.ts";

const domain = parseDomain("example.com") ?? assert.fail();
const author: AuthorFact = { status: "one", domain };
const resolver = scriptedResolver(
  parseDnsScript({ "_dmarc.example.com": { TXT: ["v=DMARC1; p=reject"] } }),
);
const spf = (result: "pass" | "fail"): SpfFacts => ({
  mailfrom: { result, domain, permits: "some" },
  helo: { result: "none", domain: null, permits: "some" },
});

for (const [name, known, result] of [
  ["SPF passes", spf("pass"), "pass"],
  ["SPF fails", spf("fail"), "fail"],
  // A client whose address is hidden: it may be the right one.
  ["SPF was never asked", undefined, undefined],
] as const) {
  test(`evaluateDmarc: unsigned mail of a p=reject author, ${name}`, async () => {
    assert.equal((await evaluateDmarc(resolver, author, known, []))?.result, result);
  });
}

test("evaluateDmarc: the organizational domain is told, where the author is below it", async () => {
  const below = parseDomain("news.example.com") ?? assert.fail();
  const found = await evaluateDmarc(
    resolver,
    { status: "one", domain: below },
    { ...spf("pass"), mailfrom: { result: "pass", domain: below, permits: "some" } },
    [],
  );
  assert.deepEqual([found?.result, found?.domain, found?.organization], ["pass", below, domain]);
});

const silentBelow = (above: object) =>
  scriptedResolver(
    parseDnsScript({ "_dmarc.mail.example.com": { TXT: "servfail" }, "_dmarc.example.com": above }),
  );
const below = parseDomain("mail.example.com") ?? assert.fail();
const passing = (name: string): SpfFacts => ({
  ...spf("pass"),
  mailfrom: { result: "pass", domain: parseDomain(name) ?? assert.fail(), permits: "some" },
});

for (const [name, above, known, expected] of [
  ["protects", { TXT: ["v=DMARC1; p=reject; sp=reject"] }, spf("fail"), ["temperror", "reject"]],
  ["does not", { TXT: ["v=DMARC1; p=none"] }, spf("fail"), ["temperror", "none"]],
  ["has no record", {}, spf("fail"), ["temperror", null]],
  ["is silent too", { TXT: "timeout" }, spf("fail"), ["temperror", null]],
  // The record that does not answer may ask for strict alignment.
  ["protects", { TXT: ["v=DMARC1; p=reject"] }, passing("example.com"), ["temperror", "reject"]],
  ["protects", { TXT: ["v=DMARC1; p=reject"] }, passing("mail.example.com"), ["pass", "reject"]],
] as const) {
  test(`evaluateDmarc: the author's own name does not answer, the domain above ${name}, SPF ${known.mailfrom.result} for ${known.mailfrom.domain}: ${expected}`, async () => {
    const found = await evaluateDmarc(
      silentBelow(above),
      { status: "one", domain: below },
      known,
      [],
    );
    assert.deepEqual([found?.result, found?.policy], expected);
  });
}

test("evaluateDmarc: what we had no place to ask is said to be unasked", async () => {
  const failing = (detail: DnsFault): Resolver => ({ ask: async () => fault(detail) });
  const crowded = await evaluateDmarc(failing("too many questions"), author, spf("fail"), []);
  assert.deepEqual([crowded?.result, crowded?.policy, crowded?.unasked], ["temperror", null, true]);
  const silent = await evaluateDmarc(failing("timeout"), author, spf("fail"), []);
  assert.equal(silent?.unasked, undefined);
});
