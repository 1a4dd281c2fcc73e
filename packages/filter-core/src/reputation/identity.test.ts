import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Facts } from "../facts/facts.ts";
import type { SharedPool } from "../policy/policy.ts";
import { dmarc, domain, honest, ip, plainHeader, signature, spf } from "../testing/samples.ts";
import { identitiesOf, parseIdentity, withoutNetwork } from "./identity.ts";
import { parseSharedPool } from "./shared-pools.ts";

const written: readonly [string, string | undefined][] = [
  ["domain:Example.COM.", "domain:example.com"],
  ["dkim:s.example.com", "dkim:s.example.com"],
  ["spf:bounce_mail.example.com", "spf:bounce_mail.example.com"],
  ["address:192.0.2.1", "address:192.0.2.1"],
  ["address:192.0.2.1/32", "address:192.0.2.1"],
  ["address:::ffff:192.0.2.1", "address:192.0.2.1"],
  ["address:2001:db8::1", "address:2001:db8::/64"],
  ["address:2001:DB8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"],
  ["address:2001:db8:1:2::/64", "address:2001:db8:1:2::/64"],
  ["network:192.0.2.77", "network:192.0.2.0/24"],
  ["network:192.0.2.0/24", "network:192.0.2.0/24"],
  ["network:2001:db8:1:2::5", "network:2001:db8:1::/48"],
  ["network:2001:db8:1::/48", "network:2001:db8:1::/48"],
  ["address:192.0.2.1/24", undefined],
  ["network:2001:db8::/32", undefined],
  ["address:mail.example.com", undefined],
  ["domain:", undefined],
  ["domain:a b", undefined],
  ["author:A@Example.com", "author:a@example.com"],
  ["author:a+news@example.com", "author:a@example.com"],
  ["author:a b@example.com", "author:a%20b@example.com"],
  ["author:a%20b@example.com", "author:a%20b@example.com"],
  ['author:"a@b"@example.com', "author:%22a%40b%22@example.com"],
  ["author:a@example.com@192.0.2.0/24", "author:a@example.com@192.0.2.0/24"],
  ["author:a@example.com@2001:DB8:1::1", "author:a@example.com@2001:db8:1::/48"],
  ["author:a@example.com@*", "author:a@example.com@*"],
  ["domain:example.com@192.0.2.0/24", "domain:example.com@192.0.2.0/24"],
  ["domain:example.com@2001:db8:1::/48", "domain:example.com@2001:db8:1::/48"],
  ["dkim:example.com@*", "dkim:example.com@*"],
  ["dkim:example.com@192.0.2.0/25", undefined],
  ["domain:@192.0.2.0/24", undefined],
  ["spf:example.com@192.0.2.0/24", undefined],
  ["author:@example.com", undefined],
  ["author:example.com", undefined],
  [`author:${"a".repeat(65)}@example.com`, undefined],
  ["from:a@example.com", undefined],
  [":example.com", undefined],
  ["example.com", undefined],
  ["", undefined],
];
for (const [text, key] of written) {
  test(`parseIdentity: ${JSON.stringify(text)} is ${key}`, () =>
    assert.equal(parseIdentity(text)?.key, key));
}

test("parseIdentity: a key it made stands for itself", () => {
  const anyText = fc.oneof(
    fc.string(),
    fc.ipV4().map((text) => `address:${text}`),
    fc.ipV6().map((text) => `network:${text}`),
    fc.domain().map((text) => `domain:${text}`),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      const one = parseIdentity(text);
      if (one !== undefined) assert.deepEqual(parseIdentity(one.key), one);
    }),
  );
});

const client = ["address:192.0.2.7", "network:192.0.2.0/24"];
const all = ["domain:example.com", "dkim:example.com", "spf:example.com", ...client];
const named = (text: string): Partial<Facts> => ({
  reverseName: { status: "found", value: domain(text) },
});

const authored = (localPart: string): NonNullable<Facts["header"]> => ({
  ...plainHeader,
  author: { status: "one", domain: domain("example.com"), localPart },
});
const replayed = { mailfrom: spf("pass", "evil.example"), helo: spf("pass") };

const earned: readonly [string, Partial<Facts>, readonly string[]][] = [
  ["an honest message has them all", {}, all],
  [
    "the organizational domain stands for the author's",
    {
      dmarc: {
        ...dmarc("pass", "reject", "news.example.com"),
        organization: domain("example.com"),
      },
    },
    all,
  ],
  [
    "an organization that the author does not belong to is no one's",
    { dmarc: { ...dmarc("pass", "reject"), organization: domain("example.net") } },
    all,
  ],
  ["a From that DMARC does not pass is nobody", { dmarc: dmarc("fail", "none") }, all.slice(1)],
  ["a From without a record is nobody", { dmarc: dmarc("none", null) }, all.slice(1)],
  [
    "a From whose DMARC could not be asked is nobody",
    { dmarc: dmarc("temperror", null) },
    all.slice(1),
  ],
  [
    "signatures that do not pass are nobody",
    { dkim: [signature({ result: "fail" }), signature({ result: "temperror" })] },
    ["domain:example.com", "spf:example.com", ...client],
  ],
  [
    "each signer counts once",
    { dkim: [signature(), signature({ domain: domain("b.example") }), signature()] },
    [
      "domain:example.com",
      "dkim:example.com",
      "dkim:b.example@192.0.2.0/24",
      "spf:example.com",
      ...client,
    ],
  ],
  [
    "an SPF record that lets everybody send proves nothing, and no author by it",
    { spf: { mailfrom: { ...spf("pass"), permits: "everybody" }, helo: spf("pass") }, dkim: [] },
    client,
  ],
  [
    "an SPF failure proves nothing",
    { spf: { mailfrom: spf("softfail"), helo: spf("pass", "mail.example.com") } },
    ["domain:example.com@192.0.2.0/24", "dkim:example.com@192.0.2.0/24", ...client],
  ],
  [
    "a bounce: the name of HELO, which SPF was asked for",
    { from: "null-sender", spf: { mailfrom: spf("pass", "mail.example.com"), helo: spf("pass") } },
    ["domain:example.com", "dkim:example.com", "spf:mail.example.com", ...client],
  ],
  ["a big sender's address is everybody's", named("mail-1.google.com"), all.slice(0, 3)],
  ["but not for an unconfirmed name", { ...named("mail-1.google.com"), fcrdns: "fail" }, all],
  ["nor for a name that only ends alike", named("notgoogle.com"), all],
  [
    "a pool by its network",
    { client: { ...honest.client, address: ip("198.51.100.9") } },
    all.slice(0, 3),
  ],
  [
    "a forwarder hands on what others signed",
    { forwarder: { by: "client" } },
    ["domain:example.com@192.0.2.0/24", "dkim:example.com@192.0.2.0/24"],
  ],
  [
    "an author by address",
    { header: authored("A.Smith+shop") },
    ["author:a.smith@example.com", ...all],
  ],
  [
    "an author whom DMARC does not pass is nobody",
    { header: authored("a"), dmarc: dmarc("fail", "none") },
    all.slice(1),
  ],
  [
    "an author with a local part that no mail server takes: by domain",
    { header: authored("a".repeat(65)) },
    all,
  ],
  [
    "a signature alone proves a name in its network only",
    { header: authored("a"), spf: replayed },
    [
      "author:a@example.com@192.0.2.0/24",
      "domain:example.com@192.0.2.0/24",
      "dkim:example.com@192.0.2.0/24",
      "spf:evil.example",
      ...client,
    ],
  ],
  [
    "where the client's address is not its own, too",
    { spf: replayed, client: { ...honest.client, address: null } },
    ["domain:example.com@*", "dkim:example.com@*", "spf:evil.example"],
  ],
  [
    "SPF of the parent of a signer vouches for it, and that of its bounce domain",
    {
      spf: { mailfrom: spf("pass", "bounce.example.com"), helo: spf("pass") },
      dkim: [signature({ domain: domain("s.bounce.example.com") })],
    },
    ["domain:example.com", "dkim:s.bounce.example.com", "spf:bounce.example.com", ...client],
  ],
  [
    "of a domain where everybody has a mailbox only the author is somebody",
    {
      header: {
        ...plainHeader,
        author: { status: "one", domain: domain("google.com"), localPart: "b" },
      },
      dmarc: dmarc("pass", "none", "google.com"),
      dkim: [signature({ domain: domain("google.com") })],
      spf: { mailfrom: spf("pass", "google.com"), helo: spf("pass") },
      ...named("mail-1.google.com"),
    },
    ["author:b@google.com"],
  ],
  ["whoever is not judged is nobody", { standing: "authenticated" }, []],
  ["a client without an address", { client: { ...honest.client, address: null } }, all.slice(0, 3)],
];
const pools: readonly SharedPool[] = ["google.com", "198.51.100.0/24"].flatMap(
  (text) => parseSharedPool(text) ?? [],
);
for (const [name, change, keys] of earned) {
  test(`identitiesOf: ${name}`, () =>
    assert.deepEqual(
      identitiesOf({ ...honest, ...change }, pools).map(({ key }) => key),
      keys,
    ));
}

test("identitiesOf: at connect there is the address and its neighbourhood", () => {
  const { spf: _1, dkim: _2, dmarc: _3, header: _4, ...early } = honest;
  const facts: Facts = {
    ...early,
    stage: "connect",
    client: { ...honest.client, address: ip("2001:db8:1:2::7") },
  };
  assert.deepEqual(
    identitiesOf(facts, []).map(({ key }) => key),
    ["address:2001:db8:1:2::/64", "network:2001:db8:1::/48"],
  );
});

test("identitiesOf: every key it makes is printable ASCII, short, and stands for itself", () => {
  const bytes = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)),
  });
  const address = fc.constantFrom("192.0.2.7", "2001:db8:1:2::7");
  fc.assert(
    fc.property(bytes, address, fc.boolean(), (localPart, from, isSigned) => {
      const facts: Facts = {
        ...honest,
        client: { ...honest.client, address: ip(from) },
        header: authored(localPart),
        ...(isSigned ? { spf: replayed } : {}),
      };
      for (const one of identitiesOf(facts, [])) {
        assert.match(one.key, /^[!-~]{1,530}$/);
        assert.deepEqual(parseIdentity(one.key), one);
      }
    }),
  );
});

test("withoutNetwork: the name alone; nothing where there is no network", () => {
  const plain = (text: string) => withoutNetwork(parseIdentity(text) ?? assert.fail(text))?.key;
  assert.equal(plain("author:a@example.com@192.0.2.0/24"), "author:a@example.com");
  assert.equal(plain("domain:example.com@*"), "domain:example.com");
  assert.equal(plain("author:a@example.com"), undefined);
  assert.equal(plain("network:192.0.2.0/24"), undefined);
});
