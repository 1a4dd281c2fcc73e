import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNetwork } from "@postern/smtp-filter";
import type { Facts } from "../facts/facts.ts";
import type { Selector } from "../policy/client-list.ts";
import type { Policy } from "../policy/policy.ts";
import { rules } from "../rules/all.ts";
import {
  dmarc,
  domain,
  honest,
  plainHeader,
  policy,
  reply,
  signature,
  spf,
} from "../testing/samples.ts";
import { judge } from "./judge.ts";

test("judge: an honest server has no debt", () => {
  const { debt, observations, early, message } = judge(rules, honest, policy);
  assert.deepEqual([debt, observations, early, message], [0, [], null, null]);
});

test("judge: no rule runs for clients that are not outside, deny included", () => {
  const everyone = parseNetwork("0.0.0.0/0");
  assert.ok(everyone);
  const deny = [
    { selectors: [{ by: "client", network: everyone } as const], until: null, text: "all" },
  ];
  for (const standing of ["undecided", "authenticated", "trusted", "local"] as const) {
    const judgement = judge(
      rules,
      { ...honest, standing, reverseName: { status: "none" }, fcrdns: "none" },
      { ...policy, deny },
    );
    assert.deepEqual(judgement.observations, []);
  }
});

test("judge: an allow entry cancels debts and says so", () => {
  const network = parseNetwork("192.0.2.0/24");
  assert.ok(network);
  const allow = [
    { selectors: [{ by: "client", network } as const], until: "2026-11-24", text: "192.0.2.0/24" },
  ];
  const nameless: Facts = { ...honest, reverseName: { status: "none" }, fcrdns: "none" };
  const allowed = judge(rules, nameless, { ...policy, allow });
  assert.equal(allowed.debt, 0);
  assert.match(
    allowed.observations[0]?.explanation ?? "",
    /cancelled: allowed by the entry 192\.0\.2\.0\/24/,
  );
  const tomorrow = judge(
    rules,
    { ...nameless, now: "2026-11-25T00:00:00.000Z" },
    { ...policy, allow },
  );
  assert.equal(tomorrow.debt, 10);
});

test("judge: weighed debts do not refuse before the message", () => {
  const heavy = {
    ...policy,
    rules: {
      ...policy.rules,
      "tls.none": { kind: "weighed", debt: 30, reply: reply("550 no") } as const,
    },
  };
  const plain = judge(rules, { ...honest, client: { ...honest.client, tls: false } }, heavy);
  assert.equal(plain.early, null);
  assert.equal(plain.message?.action, "reject");
});

test("judge: of two refusals the one that can be told first speaks", () => {
  const lying: Facts = {
    ...honest,
    helo: "mx.example.org",
    reverseName: { status: "none" },
    fcrdns: "none",
  };
  assert.equal(judge(rules, lying, policy).early?.rule, "rdns.none");
  assert.equal(judge(rules, lying, policy).early?.decidedAt, "connect");
});

test("judge: debts of several stages refuse at the stage that fills the measure", () => {
  const sum: Facts = {
    ...honest,
    fcrdns: "fail",
    helo: "localhost",
    scores: [{ zone: "score.example", result: { status: "found", value: 25 } }],
  };
  const { early, debt } = judge(rules, sum, policy);
  assert.equal(debt, 13);
  assert.deepEqual([early?.decidedAt, early?.rule], ["connect", "score.low"]);
});

test("judge: tiers hold the measure against the first step above it", () => {
  const debtAt = (value: number): number =>
    judge(
      rules,
      { ...honest, scores: [{ zone: "z.example", result: { status: "found", value } }] },
      policy,
    ).debt;
  assert.deepEqual([0, 9, 10, 29, 30, 69, 70, 100].map(debtAt), [10, 10, 6, 6, 2, 2, 0, 0]);
});

const forged: Facts = {
  ...honest,
  spf: { mailfrom: spf("fail"), helo: spf("none") },
  dkim: [],
  dmarc: dmarc("fail", "reject"),
};

test("judge: a rule lifts the cap of its group while it observes", () => {
  const debtOf = (facts: Facts, with_ = policy): number => judge(rules, facts, with_).debt;
  assert.equal(debtOf(forged), 10);
  assert.equal(debtOf({ ...forged, dmarc: dmarc("fail", "quarantine") }), 6);
  assert.equal(debtOf(forged, { ...policy, caps: { auth: 12 } }), 12);
  const { auth: _, ...uncapped } = policy.caps;
  assert.equal(debtOf(forged, { ...policy, caps: uncapped }), 13);
});

const bought = [{ source: "reputation.domain", amount: 8, of: "message" } as const];
const forgeries: Readonly<Record<string, readonly [Facts, action: string]>> = {
  "dmarc.reject": [forged, "reject"],
  "dmarc.quarantine": [{ ...forged, dmarc: dmarc("fail", "quarantine") }, "junk"],
  "from.ours": [
    {
      ...forged,
      header: { ...plainHeader, author: { status: "one", domain: domain("example.org") } },
      dmarc: dmarc("fail", "none", "example.org"),
    },
    "junk",
  ],
};
for (const [rule, [facts, action]] of Object.entries(forgeries)) {
  test(`judge: no credit pays for ${rule}`, () => {
    const { message, credit, balance } = judge(rules, { ...facts, credits: bought }, policy);
    assert.deepEqual([message?.action, message?.rule, credit], [action, rule, 8]);
    const [alone] = judge(rules, facts, policy).observations.filter((seen) => seen.rule === rule);
    assert.equal(balance, alone?.debt);
  });

  test(`judge: a forwarder the site named voids ${rule}`, () => {
    const { message } = judge(rules, { ...facts, forwarder: { by: "client" } }, policy);
    assert.equal(message, null);
  });
}

test("judge: no credit pays for from.no-domain, nor does a forwarder cancel it", () => {
  const nobody: Facts = { ...honest, authorDomain: "none" };
  const weight = policy.rules["from.ours"];
  assert.ok(weight !== undefined);
  const strict = { ...policy, rules: { ...policy.rules, "from.no-domain": weight } };
  for (const facts of [
    { ...nobody, credits: bought },
    { ...nobody, forwarder: { by: "client" } as const },
  ]) {
    const { message, balance } = judge(rules, facts, strict);
    assert.deepEqual([message?.action, message?.rule, balance], ["junk", "from.no-domain", 6]);
  }
});

test("judge: credit pays for what the forger did besides, and for a list that breaks signatures", () => {
  const nameless: Facts = { ...forged, reverseName: { status: "none" }, fcrdns: "none" };
  const { debt, balance } = judge(rules, { ...nameless, credits: bought }, policy);
  assert.deepEqual([debt, balance], [20, 12]);
  const list: Facts = {
    ...forged,
    spf: { mailfrom: spf("pass", "list.example"), helo: spf("none") },
    header: { ...plainHeader, hasListId: true },
  };
  assert.equal(judge(rules, list, policy).message?.rule, "dmarc.reject-list");
  assert.equal(judge(rules, { ...list, credits: bought }, policy).message, null);
});

test("judge: a rule that an allow entry cancels lifts no cap", () => {
  const network = parseNetwork("192.0.2.0/24");
  assert.ok(network);
  const allow = [{ selectors: [{ by: "client", network } as const], until: null, text: "all" }];
  const { debt, observations } = judge(rules, forged, { ...policy, allow });
  assert.equal(debt, 0);
  assert.deepEqual(new Set(observations.map(({ cap }) => cap)), new Set([null]));
});

test("judge: a finding counts no more than it says", () => {
  const bounce: Facts = {
    ...honest,
    from: "null-sender",
    fcrdns: "fail",
    reverseName: { status: "none" },
    spf: { mailfrom: spf("none"), helo: spf("none") },
    dkim: [],
  };
  const countOf = (debt: number): number | undefined => {
    const rule = policy.rules["auth.none"];
    assert.ok(rule);
    const with_ = { ...policy, rules: { ...policy.rules, "auth.none": { ...rule, debt } } };
    const { observations } = judge(rules, bounce, with_);
    return observations.find((seen) => seen.rule === "auth.none")?.debt;
  };
  assert.deepEqual([3, 0.5, 0].map(countOf), [1, 0.5, undefined]);
});

const unsure: Facts = { ...honest, dkim: [], dmarc: dmarc("temperror", "reject") };

test("judge: DMARC that cannot be checked asks to come back", () => {
  const { early, message, messageAlone, debt } = judge(rules, unsure, policy);
  assert.deepEqual([early, debt], [null, 0]);
  assert.deepEqual([message?.action, message?.rule], ["tempfail", "dmarc.temperror"]);
  assert.deepEqual(messageAlone, message);
});

test("judge: it saves no message that the sums refuse", () => {
  const nameless: Facts = { ...unsure, reverseName: { status: "none" }, fcrdns: "none" };
  const { message, messageAlone } = judge(rules, nameless, policy);
  assert.deepEqual([message?.action, message?.rule], ["reject", "rdns.none"]);
  // To postmaster@ the missing name refuses nothing.
  assert.deepEqual([messageAlone?.action, messageAlone?.rule], ["tempfail", "dmarc.temperror"]);
});

test("judge: it saves no message that a hard rule refuses", () => {
  const reason = "there are several From fields";
  const header = { ...honest.header, author: { status: "not-one", reason } };
  const { message } = judge(rules, { ...unsure, header } as Facts, policy);
  assert.deepEqual([message?.action, message?.rule], ["reject", "from.not-one"]);
});

test("judge: of hard rules without debts the first speaks, though it is temporary (poolp-2019)", () => {
  const hard = (text: string) => ({ kind: "hard", debt: 0, reply: reply(text) }) as const;
  const literal: Policy = {
    ...policy,
    refuseAt: "connect",
    rules: {
      "rdns.none": hard("421 you must have rDNS to contact this MX"),
      "dkim.body-changed": hard("550 message rejected"),
      "dmarc.temperror": hard("451 later"),
    },
  };
  const dkim = [signature({ result: "fail", reason: "the body was changed after signing" })];
  const changed: Facts = { ...unsure, dkim };
  assert.equal(judge(rules, changed, literal).message?.rule, "dkim.body-changed");
  const nameless: Facts = { ...changed, reverseName: { status: "none" }, fcrdns: "none" };
  const { early, message } = judge(rules, nameless, literal);
  assert.deepEqual([early?.action, early?.rule], ["tempfail", "rdns.none"]);
  assert.deepEqual([message?.action, message?.rule], ["tempfail", "rdns.none"]);
});

const named = { name: domain("example.com"), scope: "itself" } as const;
const heloNamed = { name: domain("mail.example.com"), scope: "itself" } as const;
const network = parseNetwork("192.0.2.0/24") ?? assert.fail();
const unproved = {
  reverseName: { status: "none" },
  fcrdns: "none",
  heloAddress: { status: "none" },
  spf: { mailfrom: spf("softfail"), helo: spf("none", "mail.example.com") },
  dkim: [],
  dmarc: dmarc("fail", "none"),
} as const;
const nameless = { reverseName: { status: "none" }, fcrdns: "none" } as const;
const borrowed: readonly (readonly [string, readonly Selector[], Partial<Facts>, boolean])[] = [
  ["senderDomain, nothing proves it", [{ by: "senderDomain", domain: named }], unproved, false],
  [
    "senderDomain, SPF passes",
    [{ by: "senderDomain", domain: named }],
    { ...unproved, spf: { mailfrom: spf("pass"), helo: spf("none") } },
    true,
  ],
  [
    "senderDomain, SPF cannot be asked",
    [{ by: "senderDomain", domain: named }],
    { ...unproved, spf: { mailfrom: spf("temperror"), helo: spf("none") } },
    false,
  ],
  [
    "sender, DMARC passes",
    [{ by: "sender", address: "a@example.com" }],
    { ...unproved, dmarc: dmarc("pass", "none") },
    true,
  ],
  [
    "sender, DMARC passes for another author",
    [{ by: "sender", address: "a@example.com" }],
    { ...unproved, dmarc: dmarc("pass", "none", "attacker.example") },
    false,
  ],
  ["helo, nothing proves it", [{ by: "helo", domain: heloNamed }], unproved, false],
  [
    "helo, which has the client's address",
    [{ by: "helo", domain: heloNamed }],
    { ...unproved, heloAddress: honest.heloAddress ?? assert.fail() },
    true,
  ],
  [
    "senderDomain of a client that is named too",
    [
      { by: "client", network },
      { by: "senderDomain", domain: named },
    ],
    unproved,
    true,
  ],
];
for (const [name, selectors, facts, counts] of borrowed) {
  test(`judge: an allow entry by ${name}: ${counts ? "counts" : "does not count"}`, () => {
    const debtWith = (entry: object) =>
      judge(
        rules,
        { ...honest, ...facts, ...nameless },
        { ...policy, allow: [{ selectors, until: null, text: "it", ...entry }] },
      ).debt;
    assert.equal(debtWith({}) === 0, counts);
    assert.equal(debtWith({ proof: "waived" }), 0);
  });
}

test("judge: an entry of deny or allow may name who signed", () => {
  const entry = (name: string) => [
    {
      selectors: [{ by: "dkimDomain", domain: { name: domain(name), scope: "itself" } } as const],
      until: null,
      text: `dkimDomain ${name}`,
    },
  ];
  const ruleFor = (facts: Facts, name: string) =>
    judge(rules, facts, { ...policy, deny: entry(name) }).message?.rule;
  assert.equal(ruleFor(honest, "example.com"), "client.denied");
  assert.equal(ruleFor(honest, "example.net"), undefined);
  const failing = [signature({ result: "fail" }), signature({ result: "temperror" })];
  assert.equal(ruleFor({ ...honest, dkim: failing }, "example.com"), undefined);
  assert.equal(
    ruleFor({ ...honest, dkim: [signature({ domain: null })] }, "example.com"),
    undefined,
  );
  const { debt } = judge(
    rules,
    { ...honest, fcrdns: "fail" },
    { ...policy, allow: entry("example.com") },
  );
  assert.equal(debt, 0);
});
