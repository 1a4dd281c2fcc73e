import assert from "node:assert/strict";
import { test } from "node:test";
import { AUTHOR_FAULTS, type DmarcFact } from "../facts/authentication.ts";
import type { Facts } from "../facts/facts.ts";
import type { Policy } from "../policy/policy.ts";
import { dmarc, domain, honest, plainHeader, policy, signature, spf } from "../testing/samples.ts";
import { findingsOf, idsSeen } from "../testing/seen.ts";
import { fromHardRules, ourDomainRules } from "./from.ts";

for (const reason of AUTHOR_FAULTS) {
  test(`from.not-one: ${reason}`, () => {
    const header = { ...plainHeader, author: { status: "not-one", reason } as const };
    const found = findingsOf(fromHardRules, { ...honest, header });
    assert.equal(found.get("from.not-one")?.explanation, reason);
  });
}

test("from.not-one: nothing against one author, nor before the header is known", () => {
  const { header: _, ...facts } = honest;
  assert.deepEqual(idsSeen(fromHardRules, honest), []);
  assert.deepEqual(idsSeen(fromHardRules, facts), []);
});

const site: Facts["site"] = {
  authservId: "mx.example.org",
  localDomains: [domain("example.org"), domain("news.example.org"), domain("shop.example")],
};
/** Our domain in From, and nothing that vouches for it. */
const forged = (
  fact: DmarcFact | undefined,
  other: Partial<Facts> = {},
  author = "example.org",
): Facts => {
  const { dmarc: _, ...rest } = honest;
  return {
    ...rest,
    site,
    header: { ...plainHeader, author: { status: "one", domain: domain(author) } },
    spf: { mailfrom: spf("pass", "spam.example"), helo: spf("none") },
    dkim: [signature({ domain: domain("spam.example") })],
    ...(fact === undefined ? {} : { dmarc: fact }),
    ...other,
  };
};
const none = dmarc("none", null, "example.org");
const failsNone = dmarc("fail", "none", "example.org");
const signedBy = (name: string, result: "pass" | "fail" | "temperror" = "pass") => ({
  dkim: [signature({ domain: domain(name), result })],
});
const sentAs = (result: "pass" | "fail" | "temperror", name = "example.org") => ({
  spf: { mailfrom: spf(result, name), helo: spf("none") },
});
const { spf: _spf, ...noSpf } = forged(none);
const { dkim: _dkim, ...noDkim } = forged(none);

const cases: readonly [string, Facts, "from.ours" | null][] = [
  ["no record, nothing of ours", forged(none), "from.ours"],
  ["DMARC passes", forged(dmarc("pass", "none", "example.org")), null],
  ["p=none fails", forged(failsNone), "from.ours"],
  [
    "p=quarantine fails, and says so itself",
    forged(dmarc("fail", "quarantine", "example.org")),
    null,
  ],
  ["p=reject fails, and says so itself", forged(dmarc("fail", "reject", "example.org")), null],
  [
    "p=reject fails on a list",
    forged(dmarc("fail", "reject", "example.org"), {
      header: {
        ...plainHeader,
        author: { status: "one", domain: domain("example.org") },
        hasListId: true,
      },
    }),
    null,
  ],
  ["DMARC is not known, p=reject", forged(dmarc("temperror", "reject", "example.org")), null],
  ["DMARC is not known, no policy either", forged(dmarc("temperror", null, "example.org")), null],
  ["another's domain", forged(dmarc("none", null), {}, "example.com"), null],
  ["a domain below ours that is not named", forged(none, {}, "x.example.org"), null],
  ["our signature", forged(failsNone, signedBy("example.org")), null],
  ["a signature of a domain below", forged(failsNone, signedBy("mail.example.org")), null],
  [
    "a signature of a domain above that is ours",
    forged(failsNone, signedBy("example.org"), "news.example.org"),
    null,
  ],
  ["a signature of a domain above that is not", forged(failsNone, signedBy("org")), "from.ours"],
  [
    "a signature of a name that only ends like ours",
    forged(failsNone, signedBy("notexample.org")),
    "from.ours",
  ],
  ["a signature of ours that fails", forged(none, signedBy("example.org", "fail")), "from.ours"],
  [
    "a signature of ours that is not known",
    forged(none, signedBy("example.org", "temperror")),
    null,
  ],
  [
    "another's signature that is not known",
    forged(none, signedBy("spam.example", "temperror")),
    "from.ours",
  ],
  ["no record, and SPF of ours passes", forged(none, sentAs("pass")), null],
  ["no record, and SPF of ours fails", forged(none, sentAs("fail")), "from.ours"],
  ["no record, and SPF of ours is not known", forged(none, sentAs("temperror")), null],
  [
    "no record, and another's SPF is not known",
    forged(none, sentAs("temperror", "spam.example")),
    "from.ours",
  ],
  ["DMARC is not gathered", forged(undefined), null],
  ["SPF is not gathered", noSpf, null],
  ["DKIM is not gathered", noDkim, null],
];
for (const [name, facts, seen] of cases) {
  test(`from.ours: ${name}`, () =>
    assert.deepEqual(idsSeen(ourDomainRules, facts), seen === null ? [] : [seen]));
}

test("from.ours: speaks where the rule on our own record is off, or forgiven by an allow entry", () => {
  const facts = forged(dmarc("fail", "reject", "example.org"));
  const { "dmarc.reject": __, ...others } = policy.rules;
  const selector = {
    by: "helo",
    domain: { name: domain("mail.example.com"), scope: "itself" },
  } as const;
  const allow: Policy["allow"] = [{ selectors: [selector], until: null, text: "helo" }];
  assert.deepEqual(idsSeen(ourDomainRules, facts, { ...policy, rules: others }), ["from.ours"]);
  assert.deepEqual(idsSeen(ourDomainRules, facts, { ...policy, allow }), ["from.ours"]);
});

test("from.ours: says which domain, and what is missing", () => {
  assert.match(
    findingsOf(ourDomainRules, forged(none)).get("from.ours")?.explanation ?? "",
    /^From has our own domain example\.org, but the mail came /,
  );
});
