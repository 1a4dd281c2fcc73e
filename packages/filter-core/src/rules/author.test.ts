import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderFacts } from "../facts/authentication.ts";
import type { Facts } from "../facts/facts.ts";
import { parseNameShape } from "../policy/name-shape.ts";
import type { Policy } from "../policy/policy.ts";
import { dmarc, domain, honest, plainHeader, policy, signature, spf } from "../testing/samples.ts";
import { authorRules, unprovedRules } from "./author.ts";

const knowing: Policy = {
  ...policy,
  known: {
    freeTenants: [domain("tenants.example")],
    freeMail: [domain("freemail.example")],
    providerSigners: [parseNameShape("{author}.N.signer.example") ?? assert.fail()],
    staticNames: [],
    lineNames: [],
    sharedPools: [{ by: "domain", domain: domain("pool.example") }],
  },
};

function findingOf(id: string, facts: Facts, by: Policy = knowing) {
  const rule = [...authorRules, ...unprovedRules].find((one) => one.id === id);
  return rule?.check?.(facts, by);
}

function withHeader(header: Partial<HeaderFacts>, more: Partial<Facts> = {}): Facts {
  return { ...honest, header: { ...plainHeader, ...header }, ...more };
}

test("from.no-domain: a domain that does not exist; not one that exists, nor a temperror, nor what nobody asked", () => {
  assert.deepEqual(findingOf("from.no-domain", { ...honest, authorDomain: "none" }), {
    explanation: "the author domain example.com does not exist",
  });
  for (const authorDomain of ["exists", "temperror"] as const)
    assert.equal(findingOf("from.no-domain", { ...honest, authorDomain }), undefined);
  assert.equal(findingOf("from.no-domain", honest), undefined);
  const ours = { ...honest.site, localDomains: [domain("example.com")] };
  assert.equal(
    findingOf("from.no-domain", { ...honest, site: ours, authorDomain: "none" }),
    undefined,
  );
});

/** A stranger's mail that nothing proves, straight from a program. */
const bare: Facts = {
  ...honest,
  spf: { mailfrom: spf("pass", "attacker.example"), helo: spf("none", "mail.example.com") },
  dkim: [],
  dmarc: dmarc("none", null),
  header: { ...plainHeader, hasReceived: false },
};

const found: readonly (readonly [name: string, facts: Facts, lack: string])[] = [
  ["no Received", bare, "no mail server has handled the mail before"],
  [
    "no TLS where others encrypt",
    { ...bare, header: plainHeader, client: { ...bare.client, tls: false } },
    "the session is not encrypted",
  ],
  [
    "no Message-ID",
    { ...bare, header: { ...plainHeader, hasMessageId: false } },
    "there is no Message-ID field",
  ],
  [
    "p=none that fails",
    { ...bare, dmarc: dmarc("fail", "none") },
    "no mail server has handled the mail before",
  ],
  [
    "a List-Id without proof",
    {
      ...bare,
      spf: { ...honest.spf, mailfrom: spf("none"), helo: spf("none") },
      header: { ...plainHeader, hasReceived: false, hasListId: true },
    },
    "no mail server has handled the mail before",
  ],
  [
    "a provider's signature for somebody else",
    { ...bare, dkim: [signature({ domain: domain("other-com.1.signer.example") })] },
    "no mail server has handled the mail before",
  ],
];
for (const [name, facts, lack] of found) {
  test(`author.unproved: ${name}`, () => {
    assert.deepEqual(findingOf("author.unproved", facts), {
      explanation: `nothing authenticates the author domain example.com, and ${lack}`,
    });
  });
}

const wellKnown: readonly (readonly [name: string, more: Partial<Facts>])[] = [
  ["a shared pool", { reverseName: { status: "found", value: domain("o1.pool.example") } }],
  [
    "a list of good addresses",
    {
      lists: [
        {
          zone: "good.example",
          operator: "good",
          url: null,
          result: { status: "found", value: ["dnswl-low"] },
        },
      ],
    },
  ],
];
for (const [name, more] of wellKnown) {
  test(`author.unproved: counts 1 at most from ${name}`, () => {
    assert.equal(findingOf("author.unproved", { ...bare, ...more })?.atMost, 1);
  });
}

test("author.unproved: an unconfirmed name of a shared pool does not help", () => {
  const reverseName = { status: "found", value: domain("o1.pool.example") } as const;
  const finding = findingOf("author.unproved", { ...bare, reverseName, fcrdns: "fail" });
  assert.ok(finding !== undefined && finding.atMost === undefined);
});

const proved: readonly (readonly [name: string, facts: Facts])[] = [
  ["nothing is missing", { ...bare, header: plainHeader }],
  [
    "it is not known whether it could encrypt",
    { ...bare, header: plainHeader, client: { ...bare.client, tls: null } },
  ],
  ["DMARC passes", { ...bare, dmarc: dmarc("pass", "none"), dkim: [signature()] }],
  ["SPF passes for the author", { ...bare, spf: honest.spf ?? assert.fail() }],
  [
    "SPF passes for a name below the author's",
    { ...bare, spf: { mailfrom: spf("pass", "bounce.example.com"), helo: spf("none") } },
  ],
  [
    "DKIM passes for a name beside the author's",
    { ...bare, dkim: [signature({ domain: domain("mail.example.com") })] },
  ],
  [
    "a provider signs for the author",
    { ...bare, dkim: [signature({ domain: domain("example-com.20230601.signer.example") })] },
  ],
  ["SPF is a temperror", { ...bare, spf: { mailfrom: spf("temperror"), helo: spf("none") } }],
  ["a signature is a temperror", { ...bare, dkim: [signature({ result: "temperror" })] }],
  ["DMARC is a temperror", { ...bare, dmarc: dmarc("temperror", null) }],
  ["another rule sees the failure", { ...bare, dmarc: dmarc("fail", "reject") }],
  [
    "a mailing list proves itself",
    { ...bare, header: { ...plainHeader, hasReceived: false, hasListId: true } },
  ],
  [
    "it is a bounce of a confirmed name",
    { ...bare, from: "null-sender", helo: "mail.example.com" },
  ],
  ["SPF was not gathered", { ...bare, spf: undefined } as unknown as Facts],
  [
    "there is not one author",
    {
      ...bare,
      header: { ...plainHeader, author: { status: "not-one", reason: "there is no From field" } },
    },
  ],
];
for (const [name, facts] of proved) {
  test(`author.unproved: nothing where ${name}`, () => {
    assert.equal(findingOf("author.unproved", facts), undefined);
  });
}

test("from.free-tenant: below a domain that gives names away, not the domain itself, nor a neighbour", () => {
  const by = (name: string) =>
    findingOf("from.free-tenant", withHeader({ author: { status: "one", domain: domain(name) } }));
  assert.deepEqual(by("shop.tenants.example"), {
    explanation: "anybody gets a name below tenants.example, the author has shop.tenants.example",
  });
  for (const name of ["tenants.example", "mytenants.example", "example.com"])
    assert.equal(by(name), undefined);
});

test("from.name-address: what the display name shows", () => {
  assert.deepEqual(
    findingOf("from.name-address", withHeader({ namedDomain: domain("bank.com") })),
    {
      explanation: "the display name shows bank.com, the author is of example.com",
    },
  );
  assert.equal(findingOf("from.name-address", honest), undefined);
});

test("reply-to.elsewhere: a company that wants its answers in a free mailbox", () => {
  const replyTo = domain("freemail.example");
  assert.deepEqual(findingOf("reply-to.elsewhere", withHeader({ replyTo })), {
    explanation: "replies go to freemail.example, the author writes from example.com",
  });
  const author = { status: "one", domain: domain("freemail.example") } as const;
  for (const header of [
    { replyTo: null },
    { replyTo: domain("example.net") },
    { replyTo, hasListId: true },
    { replyTo, author },
  ])
    assert.equal(findingOf("reply-to.elsewhere", withHeader(header)), undefined);
});

test("rules on the author: where the policy knows no names, none is recognized", () => {
  const facts = withHeader({
    author: { status: "one", domain: domain("shop.tenants.example") },
    replyTo: domain("freemail.example"),
  });
  for (const id of ["from.free-tenant", "reply-to.elsewhere"])
    assert.equal(findingOf(id, facts, policy), undefined);
});

test("rules on the author: without a header nothing is found", () => {
  const { header: _, ...facts } = honest;
  for (const { id } of [...authorRules, ...unprovedRules])
    assert.equal(findingOf(id, facts), undefined);
});
