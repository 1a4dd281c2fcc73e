import assert from "node:assert/strict";
import { test } from "node:test";
import type { SpfFact } from "../facts/authentication.ts";
import type { Facts } from "../facts/facts.ts";
import { dmarc, honest, signature, spf } from "../testing/samples.ts";
import { findingsOf, idsSeen } from "../testing/seen.ts";
import { spfRules } from "./spf.ts";

/** Without a DMARC record and without a signature. */
const with_ = (mailfrom: SpfFact, other: Partial<Facts> = {}): Facts => ({
  ...honest,
  spf: { mailfrom, helo: spf("fail", "mail.example.com") },
  dkim: [],
  dmarc: dmarc("none", null),
  ...other,
});
const { spf: _, ...noSpf } = with_(spf("fail"));
const { dkim: __, ...noDkim } = with_(spf("fail"));
const { dmarc: ___, ...noDmarc } = with_(spf("fail"));
const passesAll: SpfFact = { ...spf("pass"), permits: "everybody" };

const cases: readonly [string, Facts, readonly string[]][] = [
  ["pass", with_(spf("pass")), []],
  ["pass because of +all", with_(passesAll), ["spf.pass-all"]],
  ["fail", with_(spf("fail")), ["spf.fail"]],
  ["softfail", with_(spf("softfail")), ["spf.softfail"]],
  ["permerror", with_(spf("permerror")), ["spf.permerror"]],
  ["neutral", with_(spf("neutral")), []],
  ["none", with_(spf("none")), []],
  ["temperror", with_(spf("temperror")), []],
  ["fail, and a signature passes", with_(spf("fail"), { dkim: [signature()] }), ["spf.fail"]],
  [
    "fail, and a signature is not known",
    with_(spf("fail"), { dkim: [signature({ result: "temperror" })] }),
    [],
  ],
  ["fail, with p=none", with_(spf("fail"), { dmarc: dmarc("fail", "none") }), []],
  ["+all, with p=none", with_(passesAll, { dmarc: dmarc("pass", "none") }), []],
  ["fail, and DMARC is not known", with_(spf("fail"), { dmarc: dmarc("temperror", null) }), []],
  ["SPF is not gathered", noSpf, []],
  ["DKIM is not gathered", noDkim, []],
  ["DMARC is not gathered", noDmarc, []],
];
for (const [name, facts, ids] of cases) {
  test(`spf: ${name}`, () => assert.deepEqual(idsSeen(spfRules, facts), ids));
}

test("spf.fail: names the domain", () => {
  const say = (fact: SpfFact) => findingsOf(spfRules, with_(fact)).get("spf.fail")?.explanation;
  assert.equal(say(spf("fail")), "SPF of example.com does not allow this client");
  assert.equal(
    say({ ...spf("fail"), domain: null }),
    "SPF of the sender does not allow this client",
  );
});
