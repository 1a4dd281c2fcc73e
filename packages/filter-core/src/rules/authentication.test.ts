import assert from "node:assert/strict";
import { test } from "node:test";
import type { DkimFact, SpfResult } from "../facts/authentication.ts";
import type { Facts } from "../facts/facts.ts";
import { domain, honest, signature, spf } from "../testing/samples.ts";
import { findingsOf, idsSeen } from "../testing/seen.ts";
import { authenticationRules } from "./authentication.ts";

const with_ = (mailfrom: SpfResult, dkim: readonly DkimFact[]): Facts => ({
  ...honest,
  spf: { mailfrom: spf(mailfrom), helo: spf("none", "mail.example.com") },
  dkim,
});
const changed = signature({ result: "fail", reason: "the body was changed after signing" });
const silent = signature({ result: "temperror", reason: "the key server does not answer" });
const { spf: _spf, ...noSpf } = honest;
const { dkim: _dkim, ...noDkim } = with_("fail", []);

const cases: readonly [string, Facts, readonly string[]][] = [
  ["SPF passes", with_("pass", []), []],
  ["DKIM passes", with_("fail", [changed, signature()]), []],
  ["SPF fails, no signature", with_("fail", []), ["auth.none"]],
  ["SPF is neutral, a signature fails", with_("neutral", [changed]), ["auth.none"]],
  ["no SPF record, no signature", with_("none", []), ["auth.none"]],
  ["SPF is not known", with_("temperror", []), []],
  ["a signature is not known", with_("fail", [changed, silent]), []],
  [
    "a pass of HELO alone is none of the sender",
    {
      ...with_("none", []),
      spf: { mailfrom: spf("none"), helo: spf("pass", "mail.example.com") },
    },
    ["auth.none"],
  ],
  ["SPF is not gathered", { ...noSpf, dkim: [] }, []],
  ["DKIM is not gathered", noDkim, []],
];
for (const [name, facts, ids] of cases) {
  test(`auth.none: ${name}`, () => assert.deepEqual(idsSeen(authenticationRules, facts), ids));
}

const bounce = (helo: SpfResult, other: Partial<Facts> = {}): Facts => ({
  ...honest,
  from: "null-sender",
  spf: { mailfrom: spf(helo, "mail.example.com"), helo: spf(helo, "mail.example.com") },
  dkim: [],
  fcrdns: "fail",
  ...other,
});
const bounces: readonly [string, Facts, number | undefined][] = [
  ["nothing vouches for HELO", bounce("none"), 1],
  ["SPF of HELO fails, and so does FCrDNS", bounce("fail"), 1],
  ["HELO passes SPF", bounce("pass"), undefined],
  ["SPF of HELO is not known", bounce("temperror"), undefined],
  ["FCrDNS confirms HELO", bounce("none", { fcrdns: "pass" }), undefined],
  ["in any case", bounce("none", { fcrdns: "pass", helo: "MAIL.Example.com." }), undefined],
  ["FCrDNS confirms another name", bounce("none", { fcrdns: "pass", helo: "mx.example.com" }), 1],
  ["FCrDNS is not known", bounce("none", { fcrdns: "temperror" }), undefined],
  [
    "a HELO that is not a name has nothing to confirm",
    bounce("none", { fcrdns: "temperror", helo: "[192.0.2.7]" }),
    1,
  ],
  ["there was no HELO", bounce("none", { fcrdns: "pass", helo: null }), 1],
  ["a signature passes", bounce("none", { dkim: [signature()] }), undefined],
  ["a signature is not known", bounce("none", { dkim: [silent] }), undefined],
];
for (const [name, facts, atMost] of bounces) {
  test(`auth.none of a bounce: ${name}`, () =>
    assert.equal(findingsOf(authenticationRules, facts).get("auth.none")?.atMost, atMost));
}

test("auth.none: says what SPF and DKIM say", () => {
  const say = (facts: Facts) =>
    findingsOf(authenticationRules, facts).get("auth.none")?.explanation;
  assert.equal(
    say(with_("fail", [])),
    "SPF of example.com is fail, and there is no DKIM signature",
  );
  assert.equal(
    say({
      ...with_("none", [changed, signature({ result: "permerror", domain: domain("a.example") })]),
      spf: { mailfrom: { result: "none", domain: null, permits: "some" }, helo: spf("none") },
    }),
    "there is no domain to check SPF for, and none of 2 DKIM signatures passes",
  );
});
