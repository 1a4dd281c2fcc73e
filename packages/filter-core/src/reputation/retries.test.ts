import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts, ListFact } from "../facts/facts.ts";
import type { Earlier, SeenFact } from "../facts/seen.ts";
import { judge } from "../judgement/judge.ts";
import { outcomeOf } from "../judgement/message-outcome.ts";
import { EVIDENCE_KINDS, type EvidenceKind } from "../policy/evidence-kinds.ts";
import type { Policy } from "../policy/policy.ts";
import { rules } from "../rules/all.ts";
import { dmarc, domain, honest, ip, policy, reply, signature, spf } from "../testing/samples.ts";
import { deferralKey, faultKey, hasComeBack, soften } from "./retries.ts";

const none = Object.fromEntries(EVIDENCE_KINDS.map((kind) => [kind, 1])) as Record<
  EvidenceKind,
  number
>;
const learning: Policy = {
  ...policy,
  reputation: { halfLifeDays: 30, weights: none, dailyCaps: none, sharedPools: [] },
  rules: {
    ...policy.rules,
    "defer.once": { kind: "hard", debt: 0, reply: reply("451 4.7.1 come back") },
  },
};
const ago = (firstSecondsAgo: number, tries: number): Earlier => ({ firstSecondsAgo, tries });
const seen = (deferral: SeenFact["deferral"], faults: Earlier = "first"): Partial<Facts> => ({
  reputation: {},
  seen: { deferral, faults },
});
const nameless = { reverseName: { status: "none" }, fcrdns: "none" } as const;

const cameBack: readonly [string, SeenFact["deferral"], boolean][] = [
  ["first", "first", false],
  ["too soon", ago(59, 1), false],
  ["after a minute", ago(60, 1), true],
  ["after an hour", ago(3600, 1), true],
  ["after more than an hour", ago(3601, 1), false],
  ["after more than an hour, for the second time", ago(30_000, 2), true],
  ["in the same connection only", ago(300, 0), false],
  ["once before", "passed", true],
];
for (const [name, deferral, is] of cameBack) {
  test(`hasComeBack: ${name}: ${is}`, () =>
    assert.equal(hasComeBack({ ...honest, ...seen(deferral) }), is));
}

/** Debt 4: neither SPF nor DKIM passes, and there is no DMARC record. */
const middling: Partial<Facts> = {
  dkim: [],
  spf: { mailfrom: spf("none"), helo: spf("none") },
  dmarc: dmarc("none", null),
};
const worse: Partial<Facts> = { ...middling, fcrdns: "fail" };
const outcomeFor = (change: Partial<Facts>, under = learning) => {
  const judgement = judge(rules, { ...honest, ...change }, under);
  const { action, decision, would } = outcomeOf(judgement, [], under);
  return [action, decision?.rule ?? null, ...(would === null ? [] : [would])];
};

const deferrals: readonly [string, Partial<Facts>, readonly unknown[]][] = [
  ["a stranger of middling debts", { ...middling, ...seen("first") }, ["tempfail", "defer.once"]],
  ["that would be junk", { ...worse, ...seen("first") }, ["tempfail", "defer.once"]],
  ["that comes back", { ...middling, ...seen(ago(300, 1)) }, ["accept", null]],
  ["that comes back and is junk", { ...worse, ...seen(ago(300, 1)) }, ["junk", null]],
  ["that is in order", seen("first"), ["accept", null]],
  ["without a store", middling, ["accept", null]],
  [
    "that is known",
    { ...middling, ...seen("first"), reputation: { "address:192.0.2.7": 50 } },
    ["accept", null],
  ],
  [
    "that we wrote to",
    { ...middling, ...seen("first"), correspondents: "address" },
    ["accept", null],
  ],
  [
    "while the reverse name cannot be looked up",
    {
      ...middling,
      ...seen("first"),
      reverseName: { status: "temperror", detail: "timeout" },
      fcrdns: "temperror",
    },
    ["accept", null],
  ],
  [
    "while our resolver is down",
    { ...middling, ...seen("first"), resolver: "down" },
    ["accept", null],
  ],
  [
    "while a list that could speak for it is silent",
    {
      ...middling,
      ...seen("first"),
      lists: [
        {
          zone: "dnswl.test",
          operator: "dnswl",
          url: null,
          result: { status: "temperror", detail: "muted" },
        },
      ],
    },
    ["accept", null],
  ],
];
const silentHelo: Partial<Facts> = {
  ...middling,
  ...seen("first"),
  heloAddress: { status: "temperror", detail: "timeout" },
};
const aList = (status: "temperror" | "none"): readonly ListFact[] => [
  {
    ...{ zone: "dnswl.test", operator: "dnswl", url: null },
    result: status === "none" ? { status } : { status, detail: "timeout" },
  },
];

test("defer.once: a list that might have been one of good addresses counts though the policy gives no credit for it", () => {
  const under = { ...learning, credits: {} };
  const silent = { ...middling, ...seen("first"), lists: aList("temperror") };
  assert.deepEqual(outcomeFor(silent, under), ["accept", null]);
  assert.deepEqual(outcomeFor({ ...silent, lists: aList("none") }, under), [
    "tempfail",
    "defer.once",
  ]);
});

test("defer.once: the HELO address counts where an allow entry may need it for its proof", () => {
  const entry = {
    selectors: [{ by: "helo", domain: { name: domain("mail.example.com"), scope: "itself" } }],
    until: null,
    text: "mail.example.com",
  } as const;
  assert.deepEqual(outcomeFor(silentHelo, learning), ["tempfail", "defer.once"]);
  const unconfirmed = { ...silentHelo, fcrdns: "none" } as const;
  assert.deepEqual(outcomeFor(unconfirmed, { ...learning, allow: [entry] }), ["accept", null]);
});

test("defer.once: lookups that could only have added debts keep nobody from being deferred", () => {
  for (const change of [
    { authorDomain: "temperror" },
    { scores: [{ zone: "s.test", result: { status: "temperror", detail: "timeout" } }] },
  ] as const)
    assert.deepEqual(outcomeFor({ ...middling, ...seen("first"), ...change }), [
      "tempfail",
      "defer.once",
    ]);
});

for (const [name, change, expected] of deferrals) {
  test(`defer.once: ${name}: ${expected.join(" ")}`, () =>
    assert.deepEqual(outcomeFor(change), expected));
}

test("defer.once: what is refused anyway is not deferred, and a signature that may pass is waited for by nobody", () => {
  const refused = { ...middling, ...seen("first"), dmarc: dmarc("fail", "reject") };
  assert.deepEqual(outcomeFor(refused), ["reject", "dmarc.reject"]);
  const unclear = { ...middling, ...seen("first"), dkim: [signature({ result: "temperror" })] };
  assert.deepEqual(outcomeFor({ ...unclear, fcrdns: "fail" }), ["accept", null]);
});

test("defer.once: in junk mode it is let in, marked where its debts say so; observed, nothing happens", () => {
  const junk: Policy = { ...learning, mode: "junk" };
  assert.deepEqual(outcomeFor({ ...middling, ...seen("first") }, junk), [
    "accept",
    null,
    "tempfail",
  ]);
  assert.deepEqual(outcomeFor({ ...worse, ...seen("first") }, junk), ["junk", null, "tempfail"]);
  const observe: Policy = { ...learning, mode: "observe" };
  assert.deepEqual(outcomeFor({ ...worse, ...seen("first") }, observe), [
    "accept",
    null,
    "tempfail",
  ]);
});

test("defer.once: off where the policy does not name it", () =>
  assert.deepEqual(
    outcomeFor({ ...middling, ...seen("first") }, { ...learning, rules: policy.rules }),
    ["accept", null],
  ));

const faults: readonly [string, Earlier, string][] = [
  ["seen first", "first", "451 4.7.25"],
  ["a day old, but tried twice only", ago(90_000, 2), "451 4.7.25"],
  ["tried often, but within a day", ago(86_399, 50), "451 4.7.25"],
  ["a day old, and tried three times", ago(86_400, 3), "550 5.7.25"],
];
for (const [name, fault, code] of faults) {
  test(`a fault of the set-up, ${name}, is told as ${code}`, () => {
    const { early } = judge(rules, { ...honest, ...nameless, ...seen("first", fault) }, learning);
    assert.equal(`${early?.reply.code} ${early?.reply.enhanced}`, code);
    assert.equal(early?.action, code.startsWith("4") ? "tempfail" : "reject");
    assert.equal(early?.rule, "rdns.none");
  });
}

test("a young fault saves nobody whom something else refuses", () => {
  const ruined: Facts["scores"] = [
    { zone: "score.example", result: { status: "found", value: 1 } },
  ];
  const { early } = judge(
    rules,
    { ...honest, ...nameless, scores: ruined, ...seen("first") },
    learning,
  );
  assert.deepEqual([early?.action, early?.rule], ["reject", "score.low"]);
  const liar = judge(
    rules,
    { ...honest, ...nameless, helo: "mx.example.org", ...seen("first") },
    learning,
  );
  assert.deepEqual([liar.early?.action, liar.early?.rule], ["reject", "helo.ours"]);
  const noMx = judge(
    rules,
    { ...honest, ...nameless, senderDomain: "null-mx", ...seen("first") },
    learning,
  );
  assert.deepEqual([noMx.early?.action, noMx.early?.rule], ["reject", "sender.null-mx"]);
});

test("without a store, or a policy that learns, a fault is told at once", () => {
  assert.equal(judge(rules, { ...honest, ...nameless }, learning).early?.reply.code, 550);
  assert.equal(
    judge(rules, { ...honest, ...nameless, ...seen("first") }, policy).early?.reply.code,
    550,
  );
});

test("soften: the same words, for the time being", () => {
  assert.deepEqual(
    soften(reply("550 5.7.25 you must have rDNS")),
    reply("451 4.7.25 you must have rDNS"),
  );
  assert.deepEqual(soften(reply("554 no")), reply("451 no"));
  assert.deepEqual(soften(reply("421 later")), reply("421 later"));
});

const keys: readonly [string, Partial<Facts>, string | undefined][] = [
  ["SPF passes: the domain, wherever it comes from", {}, "deferral:example.com"],
  ["no SPF: network and domain", middling, "deferral:192.0.2.0/24:example.com"],
  ["a bounce", { from: "null-sender" }, "deferral:192.0.2.0/24:"],
  [
    "IPv6: the /64",
    { ...middling, client: { ...honest.client, address: ip("2001:db8:1:2:3::4") } },
    "deferral:2001:db8:1:2::/64:example.com",
  ],
  [
    "nothing to remember it by",
    { ...middling, client: { ...honest.client, address: null } },
    undefined,
  ],
];
for (const [name, change, key] of keys) {
  test(`deferralKey: ${name}`, () => assert.equal(deferralKey({ ...honest, ...change }), key));
}

test("faultKey: the address, or its /64", () => {
  assert.equal(faultKey(honest), "fault:address:192.0.2.7");
});
