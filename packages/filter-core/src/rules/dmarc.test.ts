import assert from "node:assert/strict";
import { test } from "node:test";
import type { DmarcFact } from "../facts/authentication.ts";
import type { Facts } from "../facts/facts.ts";
import { dmarc, domain, honest, plainHeader, signature, spf } from "../testing/samples.ts";
import { findingsOf, idsSeen } from "../testing/seen.ts";
import { dmarcDeferralRules, dmarcRules } from "./dmarc.ts";

const rules = [...dmarcRules, ...dmarcDeferralRules];
const failing = signature({ result: "fail", reason: "the body was changed after signing" });
const with_ = (fact: DmarcFact, other: Partial<Facts> = {}): Facts => ({
  ...honest,
  spf: { mailfrom: spf("fail"), helo: spf("none", "mail.example.com") },
  dkim: [failing],
  dmarc: fact,
  ...other,
});
const { dmarc: _, ...notGathered } = honest;

const cases: readonly [string, Facts, readonly string[]][] = [
  ["pass", with_(dmarc("pass", "reject")), []],
  ["fail, p=reject", with_(dmarc("fail", "reject")), ["dmarc.reject"]],
  ["fail, p=quarantine", with_(dmarc("fail", "quarantine")), ["dmarc.quarantine"]],
  ["fail, p=none", with_(dmarc("fail", "none")), ["dmarc.none"]],
  ["fail without a policy", with_(dmarc("fail", null)), []],
  ["no record", with_(dmarc("none", null)), ["dmarc.absent"]],
  ["no single author", with_({ result: "permerror", policy: null, domain: null }), []],
  ["temperror, p=reject", with_(dmarc("temperror", "reject")), ["dmarc.temperror"]],
  ["temperror, p=quarantine", with_(dmarc("temperror", "quarantine")), ["dmarc.temperror"]],
  ["temperror, p=none", with_(dmarc("temperror", "none")), []],
  ["temperror of the record itself", with_(dmarc("temperror", null)), []],
  [
    "a record that we had no place to ask for",
    with_({ ...dmarc("temperror", null), unasked: true }),
    ["dmarc.temperror"],
  ],
  [
    "p=none, and something that we had no place to ask for",
    with_({ ...dmarc("temperror", "none"), unasked: true }),
    [],
  ],
  [
    "temperror with our resolver up",
    with_(dmarc("temperror", "reject"), { resolver: "up" }),
    ["dmarc.temperror"],
  ],
  [
    "temperror with our resolver down",
    with_(dmarc("temperror", "reject"), { resolver: "down" }),
    [],
  ],
  ["not gathered", notGathered, []],
];
for (const [name, facts, ids] of cases) {
  test(`dmarc: ${name}`, () => assert.deepEqual(idsSeen(rules, facts), ids));
}

const id = { ...plainHeader, hasListId: true };
const post = { ...plainHeader, hasListPost: true };
const passesSpf = { mailfrom: spf("pass", "lists.example.net"), helo: spf("none") };
const silentSpf = { mailfrom: spf("temperror", "lists.example.net"), helo: spf("none") };
const ofList = signature({ domain: domain("lists.example.net") });
const silent = signature({ result: "temperror", reason: "the key server does not answer" });

const lists: readonly [string, Partial<Facts>, string][] = [
  ["List-Id and SPF", { header: id, spf: passesSpf }, "dmarc.reject-list"],
  ["List-Post and SPF", { header: post, spf: passesSpf }, "dmarc.reject-list"],
  ["List-Id and DKIM", { header: id, dkim: [failing, ofList] }, "dmarc.reject-list"],
  ["List-Id, but nothing passes", { header: id }, "dmarc.reject"],
  ["List-Id, and SPF is not known", { header: id, spf: silentSpf }, "dmarc.reject-list"],
  [
    "List-Id, and a signature is not known",
    { header: id, dkim: [failing, silent] },
    "dmarc.reject-list",
  ],
  ["SPF and DKIM without a list", { spf: passesSpf, dkim: [failing, ofList] }, "dmarc.reject"],
];
for (const [name, other, seen] of lists) {
  test(`dmarc of a list: ${name}`, () =>
    assert.deepEqual(idsSeen(rules, with_(dmarc("fail", "reject"), other)), [seen]));
}

test("dmarc of a list: quarantine has no milder form", () => {
  const facts = with_(dmarc("fail", "quarantine"), { header: id, spf: passesSpf });
  assert.deepEqual(idsSeen(rules, facts), ["dmarc.quarantine"]);
});

test("dmarc: names the author domain and what it asks for", () => {
  const say = (fact: DmarcFact) => [...findingsOf(rules, with_(fact)).values()][0]?.explanation;
  assert.equal(
    say(dmarc("fail", "reject")),
    "DMARC fails for example.com, which asks for such mail to be rejected (p=reject)",
  );
  assert.equal(
    say(dmarc("temperror", "quarantine")),
    "example.com has p=quarantine, but DMARC cannot be checked: a DNS server it depends on does not answer",
  );
});
