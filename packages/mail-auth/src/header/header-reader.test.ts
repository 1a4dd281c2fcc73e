import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderFacts } from "@postern/filter-core";
import { type Domain, parseDomain } from "@postern/smtp-filter";
import fc from "fast-check";
import { HeaderReader } from "./header-reader.ts";

type Field = readonly [name: string, value: string];

const NOTHING: HeaderFacts = {
  author: { status: "not-one", reason: "there is no From field" },
  organization: null,
  hasMessageId: false,
  hasReceived: false,
  namedDomain: null,
  replyTo: null,
  date: null,
  hasListId: false,
  hasListPost: false,
  hasHttpsUnsubscribe: false,
  hasOneClick: false,
};
const DATE = "Tue, 24 Nov 2026 12:00:00 +0000";
const ONE_CLICK = "List-Unsubscribe=One-Click";

const cases: readonly [name: string, fields: readonly Field[], facts: Partial<HeaderFacts>][] = [
  ["nothing", [], {}],
  [
    "other fields",
    [
      ["Resent-From", "x@a.example"],
      ["X-From", "x@a.example"],
      ["Sender", "x@a.example"],
      ["Resent-Date", DATE],
      ["Resent-Message-ID", "<1@a.example>"],
      ["", "x"],
      ["__proto__", "x"],
    ],
    {},
  ],
  ["an author", [["From", " x@a.example"]], by("a.example")],
  ["an author, another case", [["fROM", " x@a.example"]], by("a.example")],
  ["an author, blanks at the name", [[" From \t", " x@a.example"]], by("a.example")],
  ["two authors", twice("From", "x@a.example"), { author: several() }],
  [
    "two authors, a blank at one name",
    [
      ["From", "x@a.example"],
      ["From ", "x@b.example"],
    ],
    { author: several() },
  ],
  ["many authors", Array<Field>(1_000).fill(["From", "x@a.example"]), { author: several() }],
  [
    "an author too long",
    [["From", `x@a.example${" ".repeat(1_000_000)}`]],
    { author: { status: "not-one", reason: "From is too long" } },
  ],
  [
    "an author below a registered domain",
    [["From", "x@mail.news.a.co.uk"]],
    { author: one("mail.news.a.co.uk"), organization: domain("a.co.uk") },
  ],
  [
    "an author of a public suffix",
    [["From", "x@co.uk"]],
    { author: one("co.uk"), organization: null },
  ],
  [
    "a name that shows another domain",
    [["From", '"service@bank.com" <x@a.example>']],
    { ...by("a.example"), namedDomain: domain("bank.com") },
  ],
  ["a Received field", [["Received", "from x by y"]], { hasReceived: true }],
  ["a Reply-To", [["reply-to", "X <x@b.example>"]], { replyTo: domain("b.example") }],
  ["a Reply-To of two mailboxes", [["Reply-To", "x@b.example, y@b.example"]], {}],
  ["two fields Reply-To", twice("Reply-To", "x@b.example"), {}],
  ["a message id", [["Message-Id", " <1@a.example>"]], { hasMessageId: true }],
  ["a blank message id", [["Message-ID", " \r\n "]], {}],
  [
    "a blank message id and another",
    [
      ["Message-ID", ""],
      ["Message-ID", "x"],
    ],
    { hasMessageId: true },
  ],
  ["a date", [["Date", DATE]], { date: "2026-11-24T12:00:00.000Z" }],
  ["a bad date", [["Date", "yesterday"]], { date: "unreadable" }],
  ["an empty date", [["Date", ""]], { date: "unreadable" }],
  [
    "the first date of two",
    [
      ["Date", DATE],
      ["Date", "Wed, 25 Nov 2026 12:00:00 +0000"],
    ],
    { date: "2026-11-24T12:00:00.000Z" },
  ],
  [
    "a bad date before a good one",
    [
      ["Date", "x"],
      ["Date", DATE],
    ],
    { date: "unreadable" },
  ],
  ["a list id", [["List-ID", " Talk <talk.a.example>"]], { hasListId: true }],
  ["a blank list id", [["List-Id", " "]], {}],
  ["posting", [["List-Post", " <mailto:talk@a.example>"]], { hasListPost: true }],
  ["no posting", [["List-Post", " NO"]], {}],
  ["no posting, in small letters", [["List-Post", "\r\n no "]], {}],
  ["no posting, with the words of RFC 2369", [["List-Post", "NO (posting not allowed)"]], {}],
  ["no posting, with an open comment", [["List-Post", "NO (posting"]], {}],
  ["blank posting", [["List-Post", ""]], {}],
  [
    "no posting and posting",
    [
      ["List-Post", "NO"],
      ["List-Post", "<mailto:talk@a.example>"],
    ],
    { hasListPost: true },
  ],
  ["a link to leave", [["List-Unsubscribe", " <https://a/u?1>"]], { hasHttpsUnsubscribe: true }],
  [
    "a link to leave, behind an address and a fold",
    [["list-unsubscribe", "<mailto:u@a.example>,\r\n <HTTPS://a/u>"]],
    { hasHttpsUnsubscribe: true },
  ],
  [
    "a link to leave in a second field",
    [
      ["List-Unsubscribe", "<mailto:u@a.example>"],
      ["List-Unsubscribe", "< https://a/u >"],
    ],
    { hasHttpsUnsubscribe: true },
  ],
  ["an address to leave", [["List-Unsubscribe", "<mailto:u@a.example?subject=https:>"]], {}],
  ["an open link to leave", [["List-Unsubscribe", "<http://a/u>"]], {}],
  ["a link without brackets", [["List-Unsubscribe", "https://a/u"]], {}],
  ["a link without an end", [["List-Unsubscribe", "<https://a/u"]], {}],
  ["one click", [["List-Unsubscribe-Post", ` ${ONE_CLICK}`]], { hasOneClick: true }],
  [
    "one click, another case, folded",
    [["List-Unsubscribe-Post", `\r\n\t${ONE_CLICK.toUpperCase()}\r\n `]],
    { hasOneClick: true },
  ],
  ["more than one click", [["List-Unsubscribe-Post", `${ONE_CLICK}&x=y`]], {}],
  ["other than one click", [["List-Unsubscribe-Post", "List-Unsubscribe=Yes"]], {}],
];

for (const [name, fields, facts] of cases) {
  test(`HeaderReader: ${name}`, () => {
    const reader = new HeaderReader();
    for (const [field, value] of fields) reader.see(field, value);
    assert.deepEqual(reader.facts(), { ...NOTHING, ...facts });
  });
}

test("HeaderReader: facts can be asked for at any time", () => {
  const reader = new HeaderReader();
  assert.deepEqual(reader.facts(), NOTHING);
  reader.see("From", "x@a.example");
  assert.deepEqual(reader.facts().author, one("a.example"));
  reader.see("From", "x@a.example");
  assert.deepEqual(reader.facts().author, several());
});

const anyBytes = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("latin1"));

test("property: any header gives facts that are plain JSON", () => {
  const name = fc.constantFrom(
    ..."From|Date|Message-ID|List-Id|List-Post|List-Unsubscribe|List-Unsubscribe-Post|X".split("|"),
  );
  const field = fc.tuple(fc.oneof(name, fc.string()), anyBytes);
  fc.assert(
    fc.property(fc.array(field), (fields) => {
      const reader = new HeaderReader();
      for (const [field, value] of fields) reader.see(field, value);
      assert.deepEqual(JSON.parse(JSON.stringify(reader.facts())), reader.facts());
    }),
  );
});

function by(name: string): Partial<HeaderFacts> {
  return { author: one(name), organization: domain(name) };
}

function one(text: string): HeaderFacts["author"] {
  return { status: "one", domain: domain(text), localPart: "x" };
}

function domain(text: string): Domain {
  return parseDomain(text) ?? assert.fail(text);
}

function several(): HeaderFacts["author"] {
  return { status: "not-one", reason: "there are several From fields" };
}

function twice(name: string, value: string): readonly Field[] {
  return [
    [name, value],
    [name, value],
  ];
}

for (const [name, fields, isOne] of [
  ["folds as LF", [["Subject", " hi\n there"]], true],
  ["folds as CRLF", [["Subject", " hi\r\n there"]], true],
  ["a bare CR that hides a From", [["Subject", " hi\rFrom: Bank <ceo@bank.example>"]], false],
  ["a bare CR at the end of a field", [["Subject", " hi\r"]], false],
  ["a CR in a name", [["X\rFrom", " ceo@bank.example"]], false],
  ["a From that is folded before its colon", [["From\n \t\n ", " ceo@bank.example"]], false],
  ["a From before a no-break space", [["From\u00c2\u00a0", " ceo@bank.example"]], false],
  ["another name that is folded before its colon", [["Subject\n ", " hi"]], true],
  ["a NUL", [["Subject", " hi\0there"]], false],
  [
    "a NUL in another field",
    [
      ["X-Mailer", " x"],
      ["Reply-To", " a@b.example\0"],
    ],
    false,
  ],
] as const) {
  test(`HeaderReader: ${name}: ${isOne ? "one author" : "not one author"}`, () => {
    const reader = new HeaderReader();
    reader.see("From", " a@example.com");
    for (const [field, value] of fields) reader.see(field, value);
    assert.equal(reader.facts().author.status, isOne ? "one" : "not-one");
  });
}
