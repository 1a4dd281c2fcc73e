import assert from "node:assert/strict";
import { test } from "node:test";
import type { DkimFact, Facts } from "@postern/filter-core";
import { type Domain, parseDomain } from "@postern/smtp-filter";
import { authenticated } from "./explain-authentication.ts";

function domain(text: string): Domain {
  const parsed = parseDomain(text);
  assert.ok(parsed);
  return parsed;
}
const ours = domain("example.com");
const signature: DkimFact = {
  result: "pass",
  domain: ours,
  selector: domain("s1"),
  algorithm: "rsa-sha256",
  signature: "dzdVyOfA",
  reason: null,
};

const cases: readonly [string, Partial<Facts>, readonly string[]][] = [
  ["nothing gathered", {}, []],
  [
    "SPF",
    {
      spf: {
        mailfrom: { result: "temperror", domain: ours, permits: "some" },
        helo: { result: "pass", domain: ours, permits: "everybody" },
      },
    },
    [
      "SPF of the sender: temperror for example.com; not evidence",
      "SPF of the HELO name: pass for example.com, but the record allows every address (+all)",
    ],
  ],
  ["an unsigned message", { dkim: [] }, ["DKIM: no signature"]],
  [
    "signatures",
    {
      dkim: [
        signature,
        { ...signature, result: "fail", reason: "the body was changed after signing" },
        {
          ...signature,
          result: "permerror",
          domain: null,
          selector: null,
          reason: "the signature cannot be read",
        },
      ],
    },
    [
      "DKIM signature by example.com (selector s1): pass",
      "DKIM signature by example.com (selector s1): fail: the body was changed after signing",
      "DKIM signature: permerror: the signature cannot be read",
    ],
  ],
  [
    "DMARC that fails",
    { dmarc: { result: "fail", policy: "reject", domain: ours } },
    ["DMARC: fail for example.com, which has p=reject"],
  ],
  [
    "DMARC without a record",
    { dmarc: { result: "none", policy: null, domain: ours } },
    ["DMARC: none: example.com has no record"],
  ],
  [
    "an ARC chain",
    { arc: { result: "pass", sealers: [domain("a.example"), domain("b.example")] } },
    ["ARC: pass, sealed by a.example, b.example"],
  ],
  [
    "an ARC chain of long ago",
    {
      arc: {
        result: "pass",
        sealers: [domain("a.example")],
        doubt: "the seal is older than 7 days",
      },
    },
    ["ARC: pass, sealed by a.example; not trusted: the seal is older than 7 days"],
  ],
  ["no ARC chain", { arc: { result: "none", sealers: [] } }, ["ARC: there is no chain"]],
];
for (const [name, facts, lines] of cases) {
  test(`authenticated: ${name}`, () => assert.deepEqual(authenticated(facts as Facts), lines));
}

test("authenticated: says who the author is, or why there is not one", () => {
  const header = {
    hasMessageId: true,
    date: null,
    hasListId: false,
    hasListPost: false,
    hasHttpsUnsubscribe: false,
    hasOneClick: false,
  };
  const say = (author: NonNullable<Facts["header"]>["author"]) =>
    authenticated({ header: { ...header, author } } as Facts);
  assert.deepEqual(say({ status: "one", domain: ours }), ["author: somebody at example.com"]);
  assert.deepEqual(say({ status: "not-one", reason: "From holds a group" }), [
    "author: not one: From holds a group",
  ]);
});
