import assert from "node:assert/strict";
import { test } from "node:test";
import { AUTHOR_FAULTS } from "@postern/filter-core";
import { parseDomain } from "@postern/smtp-filter";
import fc from "fast-check";
import { MAX_FROM_BYTES, readAuthor } from "./author.ts";
import { Cursor } from "./cursor.ts";
import { takeTokens } from "./tokens.ts";

/** A piece, told so often as fits into a field, with something behind it. */
const full = (piece: string, behind = ""): string =>
  piece.repeat(Math.floor((MAX_FROM_BYTES - behind.length) / piece.length)) + behind;

const SHAPES: readonly [name: string, value: string][] = [
  ["60,000 colons", ":".repeat(60_000)],
  ["20,000 groups", "a:;".repeat(20_000)],
  ["10,000 nested comments", `${"(".repeat(10_000)}${")".repeat(10_000)} x@a.example`],
  ["50,000 addresses", "x@a.example,".repeat(50_000)],
  ["a field of colons", full(":")],
  ["a field of groups", full("a:;")],
  ["a field of groups with members", full("a:x@a.example;")],
  ["a field of open comments", full("(")],
  ["a field of nested comments", `${full("(").slice(8_200)}${full(")").slice(8_300)}x@a.example`],
  ["a field of closing parentheses", full(")")],
  ["a field of <", full("<")],
  ["a field of >", full(">")],
  ["a field of <>", full("<>")],
  ["a field of @", full("@")],
  ['a field of "', full('"')],
  ['a field of ", odd', full('"').slice(1)],
  ["a field of \\", full("\\")],
  ["an open string of \\", `"${full("\\").slice(1)}`],
  ["an open comment of \\", `(${full("\\").slice(1)}`],
  ["a field of commas", full(",")],
  ["a field of dots", full(".")],
  ["a field of blanks", full(" ")],
  ["a field of folds", full("\r\n ")],
  ["a field of line feeds", full("\n")],
  ["a field of folds and blanks", full(`\n${" ".repeat(100)}`)],
  ["a field of CR", full("\r")],
  ["a field of NUL", full("\0")],
  ["a field of addresses", full("x@a.example,")],
  ["a field of routes", full("<@a.example:x@a.example>")],
  ["a field of =?", full("=?", ":<x@a.example>")],
  ["a field of open encoded words", full("=?utf-8?q?", ":<x@a.example>")],
  ["a field of encoded words", full("=?x?q?a?=")],
  ["one long local part", full("a")],
  ["one long domain", `x@${full("a").slice(2)}`],
  ["one long domain of dots", `x@${full("a.").slice(2)}a`],
  ["one long domain in UTF-8", `x@${full("\xc3\xa9").slice(2)}`],
  ["one long domain of A-labels", `x@${full("xn--a.").slice(2)}a`],
];

for (const [name, value] of SHAPES) {
  test(`readAuthor: hostile: ${name}`, () => assert.equal(readAuthor([value]).status, "not-one"));

  // What follows the tokens passes over them a fixed number of times; a domain is cut off at 1 KiB.
  test(`takeTokens: each byte is looked at twice at most: ${name}`, () => {
    const cursor = new Cursor(value);
    const tokens = takeTokens(cursor) ?? [];
    assert.ok(cursor.steps <= 2 * value.length + 2, `${cursor.steps} of ${value.length}`);
    assert.ok(tokens.length <= value.length);
  });
}

const anyBytes = fc
  .uint8Array({ maxLength: 200 })
  .map((bytes) => Buffer.from(bytes).toString("latin1"));

/** Bytes of the grammar reach deeper than noise. */
const anyPieces = fc
  .array(
    fc.constantFrom(
      ..."<>@\",;:\\().[] \t%=?'\0",
      ..."\r\n |\n |xn--|=?utf-8?q?|?=|\xc3\xa9|\xfc|a|b.example|Hans".split("|"),
      ..."x@evil.example|<admin@victim.example>|(c)".split("|"),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(""));

test("property: any field gives a domain name or a fault of the closed set", () => {
  const anyField = fc.oneof(anyBytes, anyPieces, fc.string());
  fc.assert(
    fc.property(fc.array(anyField, { maxLength: 3 }), (values) => {
      const author = readAuthor(values);
      if (author.status === "one") assert.equal(parseDomain(author.domain), author.domain);
      else assert.ok(AUTHOR_FAULTS.includes(author.reason));
    }),
    { numRuns: 5_000 },
  );
});

test("property: the domain stands in the field behind an @, and no other stands outside of quotes", () => {
  fc.assert(
    fc.property(anyPieces, (value) => {
      const author = readAuthor([value]);
      if (author.status !== "one" || author.domain.includes("xn--")) return;
      if (value.includes('"') && value.includes("(")) return;
      const bare = withoutQuotesAndComments(value).toLowerCase();
      assert.deepEqual(bare.match(/@[^<>,;:\s]*/g), [`@${author.domain}`], JSON.stringify(value));
    }),
    { numRuns: 20_000 },
  );
});

test("property: two addresses are never one, whatever is between", () => {
  const between = anyPieces.filter((text) => !/["()\\]/.test(text));
  const evil = fc.constantFrom("x@evil.example", "<x@evil.example>", "H <x@evil.example>");
  const victim = fc.constantFrom("a@victim.example", "<a@victim.example>", "A <a@victim.example>");
  fc.assert(
    fc.property(evil, between, victim, (first, text, last) => {
      assert.equal(readAuthor([`${first}${text}${last}`]).status, "not-one");
    }),
    { numRuns: 5_000 },
  );
});

test("property: nothing in quotes or comments changes who it is", () => {
  const text = fc.oneof(anyPieces, fc.string()).map((said) => said.replace(/[^\x20-\x7e]/g, ""));
  fc.assert(
    fc.property(text, text, (name, comment) => {
      const escaped = comment.replace(/[<>@]/g, "").replace(/[\\()]/g, "\\$&");
      const value = `"${name.replace(/[\\"]/g, "\\$&")}" (${escaped}) <x@a.example> (${escaped})`;
      const author = { status: "one", domain: "a.example", localPart: "x" };
      assert.deepEqual(readAuthor([value]), author);
    }),
  );
});

/** Another way to the same, for fields without strings or without comments: from the innermost outwards. */
function withoutQuotesAndComments(value: string): string {
  const pattern = value.includes('"') ? /"(?:[^"\\]|\\.)*"/gs : /\((?:[^()\\]|\\.)*\)/gs;
  let bare = value;
  for (let before = ""; before !== bare; ) {
    before = bare;
    bare = bare.replace(pattern, "");
  }
  return bare;
}
