import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNetwork } from "@postern/smtp-filter";
import fc from "fast-check";
import type { Facts } from "../facts/facts.ts";
import { parseNamePattern, type Selector } from "../policy/client-list.ts";
import { EVIDENCE_KINDS, type EvidenceKind } from "../policy/evidence-kinds.ts";
import { IDENTITY_KINDS, type IdentityKind } from "../policy/identity-kinds.ts";
import type { Policy } from "../policy/policy.ts";
import { anyFacts } from "../testing/any-facts.ts";
import { domain, honest, plainHeader, policy } from "../testing/samples.ts";
import { rules } from "./all.ts";

const weights = Object.fromEntries(EVIDENCE_KINDS.map((kind) => [kind, 1]));
const debts = Object.fromEntries(IDENTITY_KINDS.map((kind) => [kind, 6]));
const pattern = parseNamePattern("*.example.net") ?? assert.fail();
const selectors: readonly Selector[] = [
  { by: "client", network: parseNetwork("203.0.113.0/24") ?? assert.fail() },
  { by: "senderDomain", domain: pattern },
  { by: "helo", domain: pattern },
  { by: "recipient", address: "nobody@example.org" },
  { by: "reverseName", domain: pattern },
  { by: "dkimDomain", domain: pattern },
];

const entries = selectors.map((selector) => ({
  selectors: [selector],
  until: null,
  text: selector.by,
}));
const helo = { by: "helo", domain: parseNamePattern("*.example.com") ?? assert.fail() } as const;

/** A policy in which every rule has work to do. */
const busy: Policy = {
  ...policy,
  deny: entries,
  // This one needs proof, for which other facts are looked at.
  allow: [{ selectors: [helo], until: null, text: "helo" }, ...entries],
  known: {
    freeTenants: [domain("example.net")],
    freeMail: [domain("example.net")],
    providerSigners: [],
    staticNames: [],
    lineNames: [],
    sharedPools: [{ by: "domain", domain: domain("pool.example") }],
  },
  reputation: {
    halfLifeDays: 30,
    weights: weights as Record<EvidenceKind, number>,
    dailyCaps: weights as Record<EvidenceKind, number>,
    sharedPools: [{ by: "domain", domain: domain("pool.example") }],
    complaints: { halfLifeDays: 7, debts: debts as Record<IdentityKind, number> },
  },
};

/** Facts with everything among them that a source may gather. */
const fullFacts: fc.Arbitrary<Facts> = fc
  .record({
    facts: anyFacts,
    lists: fc.constantFrom("sbl", "dnswl-hi", "temperror"),
    senderDomain: fc.constantFrom("takes-mail", "null-mx", "nothing", "temperror"),
    authorDomain: fc.constantFrom("exists", "none", "temperror"),
    forwarder: fc.option(fc.constant({ by: "client" } as const), { nil: undefined }),
    forgedFields: fc.constantFrom("few", "flood"),
    correspondents: fc.constantFrom("none", "domain", "temperror"),
    unknown: fc.nat({ max: 5 }),
    namedDomain: fc.constantFrom(null, domain("example.net")),
    lacks: fc.constantFrom("", "hasReceived", "hasMessageId"),
    author: fc.constantFrom("example.com", "example.org", "tenant.example.net"),
  })
  .map(({ facts, lists, forwarder, unknown, namedDomain, lacks, author, ...more }) => ({
    ...facts,
    ...(more as Partial<Facts>),
    ...(forwarder === undefined ? {} : { forwarder }),
    header: {
      ...(facts.header ?? plainHeader),
      ...(lacks === "" ? {} : { [lacks]: false }),
      author: { status: "one", domain: domain(author), localPart: "a" },
      namedDomain,
      replyTo: namedDomain,
    },
    lists: [
      {
        ...{ zone: "list.test", operator: "x", url: null },
        result:
          lists === "temperror"
            ? { status: "temperror", detail: "timeout" }
            : { status: "found", value: [lists] },
      },
    ],
    reputation: {},
    complaints: { "address:192.0.2.7": { inbox: 10, spam: 8 } },
    seen: { deferral: "first", faults: "first" },
    learning: 30,
    recipientsTold: { known: 0, unknown },
  }));
const samples: readonly Facts[] = [honest, ...fc.sample(fullFacts, { numRuns: 2_000, seed: 15 })];

for (const rule of rules) {
  const { id, check, restsOn, voidedBy } = rule;

  test(`papers of ${id}: restsOn names the facts that it reads, and no other`, () => {
    const read = new Set<string>();
    for (const facts of samples) {
      const watched = new Proxy(facts, {
        get(target, name) {
          if (typeof name === "string") read.add(name);
          return Reflect.get(target, name);
        },
      });
      check?.(watched, busy);
    }
    assert.deepEqual([...read].toSorted(), [...restsOn].toSorted());
  });

  test(`papers of ${id}: nothing voids it twice`, () => {
    assert.equal(new Set(voidedBy).size, voidedBy.length);
    assert.ok(!(voidedBy.includes("allow") && voidedBy.includes("allow-rules")));
    // A sealer reports for hops before the last; whom the site names as the last hop vouches for no less.
    const isBySealer = voidedBy.some((by) => by === "spf" || by === "dkim" || by === "dmarc");
    if (isBySealer) assert.ok(voidedBy.includes("forwarder"));
  });
}

test("papers: no two rules have one id, and each has a sentence", () => {
  assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
  for (const { id, summary } of rules) assert.match(summary, /^[A-Z].+\.$/s, id);
});

test("papers: what is never evidence, and what only repeats our record", () => {
  const idsOf = (kind: string) =>
    rules
      .filter(({ evidence }) => evidence === kind)
      .map(({ id }) => id)
      .toSorted();
  assert.deepEqual(idsOf("nothing"), [
    "client.denied",
    "defer.once",
    "dmarc.temperror",
    "sender.temperror",
  ]);
  assert.deepEqual(idsOf("our-record"), ["reputation.bad", "stranger"]);
});

test("papers: an allow entry cancels every rule but the administrator's own, from.ours only where it cancels rules", () => {
  const idsWithout = (by: string) =>
    rules.filter(({ voidedBy }) => !voidedBy.some((one) => one === by)).map(({ id }) => id);
  assert.deepEqual(idsWithout("allow"), ["client.denied", "from.ours"]);
});
