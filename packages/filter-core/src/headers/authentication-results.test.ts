import assert from "node:assert/strict";
import { test } from "node:test";
import { type Domain, parseDomain } from "@postern/smtp-filter";
import fc from "fast-check";
import { DKIM_REASONS, type DkimFact, type SpfResult } from "../facts/authentication.ts";
import type { Facts } from "../facts/facts.ts";
import { dmarc, domain, honest, ip, signature, spf } from "../testing/samples.ts";
import { authenticationResults } from "./authentication-results.ts";
import { claimsAuthservId } from "./authserv-id.ts";

const only = (facts: Partial<Facts>): string => {
  const { fcrdns: _, spf: __, dkim: ___, dmarc: ____, arc: _____, ...rest } = honest;
  return authenticationResults({ ...rest, ...facts });
};
const bare = { mailfrom: { result: "none", domain: null, permits: "some" } } as const;

const cases: readonly [string, Partial<Facts>, string][] = [
  ["nothing looked up", {}, "; none"],
  ["a forward-confirmed name", { fcrdns: "pass" }, ";\n iprev=pass policy.iprev=192.0.2.7"],
  ["no PTR record", { fcrdns: "none" }, ";\n iprev=permerror policy.iprev=192.0.2.7"],
  [
    "an IPv6 address holds colons",
    { fcrdns: "fail", client: { ...honest.client, address: ip("2001:db8::1") } },
    ';\n iprev=fail policy.iprev="2001:db8::1"',
  ],
  [
    "SPF of the sender",
    { spf: { mailfrom: spf("softfail"), helo: spf("pass") } },
    ";\n spf=softfail smtp.mailfrom=example.com",
  ],
  [
    "SPF of a domain with an underscore",
    { spf: { mailfrom: spf("pass", "bounce_mail.example.com"), helo: spf("none") } },
    ";\n spf=pass smtp.mailfrom=bounce_mail.example.com",
  ],
  [
    "SPF of the null sender",
    { from: "null-sender", spf: { mailfrom: spf("pass", "mail.example.com"), helo: spf("pass") } },
    ";\n spf=pass smtp.helo=mail.example.com",
  ],
  [
    "SPF of HELO where the sender has no domain",
    { spf: { ...bare, helo: spf("fail", "mail.example.com") } },
    ";\n spf=fail smtp.helo=mail.example.com",
  ],
  ["SPF of nothing", { spf: { ...bare, helo: bare.mailfrom } }, ";\n spf=none"],
  ["an unsigned message", { dkim: [] }, ";\n dkim=none"],
  [
    "a signature that passes",
    { dkim: [signature()] },
    ';\n dkim=pass header.d=example.com header.s=s1 header.a=rsa-sha256 header.b="dzdVyOfA"',
  ],
  [
    "the reason comes before the properties (RFC 8601 section 2.2)",
    {
      dkim: [
        signature({ result: "fail", reason: "the body was changed after signing", selector: null }),
        signature({ result: "neutral", domain: null, algorithm: null, signature: null }),
      ],
    },
    ';\n dkim=fail reason="the body was changed after signing" header.d=example.com header.a=rsa-sha256 header.b="dzdVyOfA"' +
      ";\n dkim=neutral header.s=s1",
  ],
  [
    "DMARC fails",
    { dmarc: dmarc("fail", "reject") },
    ";\n dmarc=fail policy.dmarc=reject header.from=example.com",
  ],
  ["no DMARC record", { dmarc: dmarc("none", null) }, ";\n dmarc=none header.from=example.com"],
  [
    "no single author",
    { dmarc: { result: "permerror", policy: null, domain: null } },
    ";\n dmarc=permerror",
  ],
  ["no ARC chain", { arc: { result: "none", sealers: [] } }, "; none"],
  ["an ARC chain", { arc: { result: "pass", sealers: [domain("a.example")] } }, ";\n arc=pass"],
  ["a broken ARC chain", { arc: { result: "fail", sealers: [] } }, ";\n arc=fail"],
  ["an ARC chain that is not known", { arc: { result: "temperror", sealers: [] } }, "; none"],
];
for (const [name, facts, rest] of cases) {
  test(`authenticationResults: ${name}`, () => assert.equal(only(facts), `mx.example.org${rest}`));
}

test("authenticationResults: all of them, in this order, ten signatures at most", () => {
  const facts = { ...honest, arc: { result: "pass", sealers: [] } as const };
  const text = authenticationResults({ ...facts, dkim: Array(12).fill(signature()) });
  const methods = text.split(";\n ").map((line) => line.split("=")[0]);
  assert.deepEqual(methods, [
    "mx.example.org",
    "iprev",
    "spf",
    ...Array(10).fill("dkim"),
    "dmarc",
    "arc",
  ]);
});

test("authenticationResults: says of every result what RFC 8601 calls it, temperror too", () => {
  const text = authenticationResults({
    ...honest,
    fcrdns: "temperror",
    spf: { mailfrom: spf("temperror"), helo: spf("temperror") },
    dkim: [signature({ result: "temperror", reason: "the key server does not answer" })],
    dmarc: dmarc("temperror", "reject"),
  });
  assert.equal(text.match(/=temperror /g)?.length, 4);
});

interface Method {
  readonly method: string;
  readonly result: string;
  /** `reason`, `header.d` and so on. */
  readonly properties: Readonly<Record<string, string>>;
}

/** A small reader of RFC 8601 section 2.2, without comments: we write none. */
function parse(text: string): { readonly id: string; readonly methods: readonly Method[] } {
  const flat = text.replaceAll("\n ", " ");
  const [id = "", ...infos] = (flat.match(/(?:"(?:[^"\\]|\\.)*"|[^";])+/g) ?? []).map((info) =>
    info.trim(),
  );
  const methods = infos.flatMap((info) => {
    if (info === "none") return [];
    const words = [
      ...info.matchAll(/([a-z.]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s()<>@,;:\\"/[\]?=]+))(?: |$)/g),
    ];
    assert.equal(words.map(([word]) => word).join(""), info, "nothing stands between the words");
    const [[, method = "", , result = ""] = [], ...rest] = words;
    const properties = Object.fromEntries(
      rest.map(([, name, quoted, token]) => [name, quoted?.replace(/\\(.)/g, "$1") ?? token]),
    );
    return [{ method, result, properties }];
  });
  return { id, methods };
}

const label = fc.stringMatching(/^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/);
const anyDomain: fc.Arbitrary<Domain> = fc
  .array(label, { minLength: 1, maxLength: 5 })
  .map((labels) => parseDomain(labels.join(".")))
  .filter((name) => name !== undefined);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const spfResults = [
  "pass",
  "fail",
  "softfail",
  "neutral",
  "none",
  "permerror",
  "temperror",
] as const;
const anySpf = fc.record({
  result: fc.constantFrom<SpfResult>(...spfResults),
  domain: maybe(anyDomain),
  permits: fc.constantFrom("some" as const, "everybody" as const),
});
const anySignature: fc.Arbitrary<DkimFact> = fc.record({
  result: fc.constantFrom("pass", "fail", "neutral", "policy", "permerror", "temperror", "none"),
  domain: maybe(anyDomain),
  selector: maybe(anyDomain),
  algorithm: maybe(fc.constantFrom("rsa-sha256", "rsa-sha1", "ed25519-sha256")),
  // A source that cuts nothing off, or lets anything through, would still not break the field.
  signature: maybe(
    fc.oneof(
      fc.base64String({ maxLength: 8 }),
      fc.stringMatching(/^["\\;=() a]{0,12}$/),
      fc.string({ unit: "binary", maxLength: 80 }),
    ),
  ),
  reason: maybe(fc.constantFrom(...DKIM_REASONS)),
});
const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    address: fc.constantFrom("192.0.2.7", "2001:db8::1", null),
    fcrdns: fc.constantFrom("pass", "fail", "none", "temperror"),
    isBounce: fc.boolean(),
    spf: fc.record({ mailfrom: anySpf, helo: anySpf }),
    dkim: fc.array(anySignature, { maxLength: 12 }),
    dmarc: fc.record({
      result: fc.constantFrom("pass", "fail", "none", "permerror", "temperror"),
      policy: maybe(fc.constantFrom("none", "quarantine", "reject")),
      domain: maybe(anyDomain),
    }),
    arc: fc.record({
      result: fc.constantFrom("none", "pass", "fail", "temperror"),
      sealers: fc.array(anyDomain, { maxLength: 3 }),
    }),
  })
  .map(({ address, isBounce, ...any }) => ({
    ...honest,
    ...any,
    client: { ...honest.client, address: address === null ? null : ip(address) },
    from: isBounce ? "null-sender" : honest.from,
  })) as fc.Arbitrary<Facts>;

/** Without what is not there. */
function said(properties: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).filter((pair): pair is [string, string] => Boolean(pair[1])),
  );
}

function expected({
  client,
  fcrdns,
  spf: both,
  dkim = [],
  dmarc: record,
  arc,
  from,
}: Facts): Method[] {
  assert.ok(both && record && arc && fcrdns);
  const isBounce = from === "null-sender";
  const isSender = !isBounce && both.mailfrom.domain !== null;
  const { result, domain: name } = isSender || isBounce ? both.mailfrom : both.helo;
  const clean = (text: string) => text.slice(0, 64).replace(/[^\x20-\x7e]/g, "?");
  return [
    ...(client.address === null
      ? []
      : [
          {
            method: "iprev",
            result: fcrdns === "none" ? "permerror" : fcrdns,
            properties: { "policy.iprev": client.address },
          },
        ]),
    {
      method: "spf",
      result,
      properties: said(isSender ? { "smtp.mailfrom": name } : { "smtp.helo": name }),
    },
    ...(dkim.length === 0 ? [{ method: "dkim", result: "none", properties: {} }] : []),
    ...dkim.slice(0, 10).map((one) => ({
      method: "dkim",
      result: one.result,
      properties: said({
        reason: one.reason,
        "header.d": one.domain,
        "header.s": one.selector,
        "header.a": one.algorithm,
        "header.b": one.signature && clean(one.signature),
      }),
    })),
    {
      method: "dmarc",
      result: record.result,
      properties: said({ "policy.dmarc": record.policy, "header.from": record.domain }),
    },
    ...(arc.result === "pass" || arc.result === "fail"
      ? [{ method: "arc", result: arc.result, properties: {} }]
      : []),
  ];
}

const runs = { numRuns: 1000, seed: 20_261_124 };

test("authenticationResults: all that is said can be read back", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const { id, methods } = parse(authenticationResults(facts));
      assert.equal(id, "mx.example.org");
      assert.deepEqual(methods, expected(facts));
    }),
    runs,
  );
});

test("authenticationResults: printable lines that fit, bounded in all, and ours", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const text = authenticationResults(facts);
      assert.match(text, /^[\x20-\x7e]+(?:\n [\x20-\x7e]+)*$/);
      const lines = `Authentication-Results: ${text}`.split("\n");
      assert.ok(lines.length <= 15 && lines.every((line) => line.length < 998));
      assert.ok(claimsAuthservId(` ${text}`, facts.site.authservId));
    }),
    runs,
  );
});
