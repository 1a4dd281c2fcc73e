import assert from "node:assert/strict";
import { test } from "node:test";
import type { ByteText } from "@postern/smtp-filter";
import { readAuthor } from "./author.ts";

/** Fields of a.example; victim.example is who the writer would like to be seen as. */
const AUTHORS: readonly (readonly [name: string, value: ByteText])[] = [
  ["a bare address", "x@a.example"],
  ["a blank before it, as it is after the colon", " x@a.example"],
  ["blanks around", " \t x@a.example \t "],
  ["angle brackets alone", " <x@a.example>"],
  ["blanks in the brackets", "< x@a.example >"],
  ["a name", " Hans <x@a.example>"],
  ["the address as the name", " x@a.example <x@a.example>"],
  ["the address as the name, its domain in another case", "x@A.example\r\n\t<x@a.example>"],
  ["a name without a blank", "Hans<x@a.example>"],
  ["a name of many words", "Hans Otto Emil Müller <x@a.example>"],
  ["dots in the name", "H. P. Müller Jr. <x@a.example>"],
  ["a comma in the name", "Müller, Hans <x@a.example>"],
  ["many commas in the name", ",Müller,, Hans, <x@a.example>"],
  ["a semicolon in the name", "Sales; Support <x@a.example>"],
  ["square brackets in the name", "[SPAM] Hans [1] <x@a.example>"],
  ["an apostrophe in the name", "Conan O'Brien <x@a.example>"],
  ["other punctuation in the name", "R&D / +1 100% #1! $$ {x} | ~ ^ ` * = ? <x@a.example>"],
  ["a quoted name", '"Müller, Hans" <x@a.example>'],
  ["a quoted name without a blank", '"Hans"<x@a.example>'],
  ["an empty quoted name", '"" <x@a.example>'],
  ["words and a quoted word", 'Hans "the Cat" Müller <x@a.example>'],
  ["a colon in a quoted name", '"Shop: News" <x@a.example>'],
  ["quotes in a quoted name", '"Hans \\"the Cat\\" Müller" <x@a.example>'],
  ["a backslash at the end of a quoted name", '"DOMAIN\\\\" <x@a.example>'],
  ["a parenthesis in a quoted name", '"Hans (" <x@a.example>'],
  ["an address as the quoted name", '"admin@victim.example" <x@a.example>'],
  ["an address in brackets as the quoted name", '"<admin@victim.example>" <x@a.example>'],
  ["two addresses as the quoted name", '"a@victim.example, b@victim.example," <x@a.example>'],
  ["an escaped quote before an address", '"\\" <admin@victim.example>, \\"" <x@a.example>'],
  ["8-bit UTF-8 in the name", utf8("Jürgen 山田 太郎 <x@a.example>")],
  ["8-bit UTF-8 in a quoted name", utf8('"Jürgen, 山田" <x@a.example>')],
  ["a name in Latin-1", "J\xfcrgen <x@a.example>"],
  ["an encoded word", "=?utf-8?q?J=C3=BCrgen?= <x@a.example>"],
  ["encoded words, folded", "=?utf-8?b?SsO8cmdlbg==?=\r\n =?utf-8?b?IE3DvGxsZXI=?= <x@a.example>"],
  ["an encoded word with a colon", "=?UTF-8?Q?Shop:_News?= <x@a.example>"],
  ["an encoded word with a comma", "=?utf-8?q?M=C3=BCller,_Hans?= <x@a.example>"],
  ["an encoded word in quotes", '"=?utf-8?q?J=C3=BCrgen?=" <x@a.example>'],
  ["an encoded address", "=?utf-8?q?admin=40victim.example?= <x@a.example>"],
  ["an encoded address in brackets", "=?utf-8?b?PGFkbWluQHZpY3RpbS5leGFtcGxlPg==?= <x@a.example>"],
  ["folds as CRLF", " Hans\r\n\tMüller\r\n <x@a.example>"],
  ["folds as LF", " Hans\n Müller\n\t<x@a.example>"],
  ["a fold first", "\r\n x@a.example"],
  ["a fold last", "x@a.example\r\n "],
  ["a fold in a quoted name", '"Hans\r\n Müller" <x@a.example>'],
  ["a comment behind", "x@a.example (Hans)"],
  ["a comment before", "(Hans) x@a.example"],
  ["a comment beside the address", "(Hans)x@a.example(Hans)"],
  ["comments everywhere", "(a) Hans (b) Müller (c) <(d) x@a.example (e)> (f)"],
  ["nested comments", "(a (b (c)) (d)) x@a.example"],
  ["escapes in a comment", "x@a.example (a \\) b \\( c \\\\)"],
  ["a quote in a comment", 'x@a.example (a " b)'],
  ["an address in a comment", "(<admin@victim.example>) x@a.example"],
  ["a comma and an address in a comment behind", "Hans <x@a.example> (Hans, x@a.example)"],
  ["a folded comment", "x@a.example (Hans\r\n Müller)"],
  ["a comment 50 deep", `${"(".repeat(50)}${")".repeat(50)}x@a.example`],
  ["a percent hack", "admin%victim.example@a.example"],
  ["a bang path", "victim.example!admin@a.example"],
  ["odd dots in the local part", ".x..y.@a.example"],
  ["every letter of an atom", "!#$%&'*+-/=?^_`{|}~0aA@a.example"],
  ["SRS", "SRS0=HHH=TT=victim.example=admin@a.example"],
  ["a local part in UTF-8", utf8("jürgen@a.example")],
  ["a local part in UTF-8, in brackets", utf8("山田 <山田@a.example>")],
  ["a quoted local part", '"x y"@a.example'],
  ["an @ in a quoted local part", '"x@victim.example"@a.example'],
  ["an escaped @ in a quoted local part", '"x\\@victim.example"@a.example'],
  ["a quoted local part in brackets", 'Hans <"x, y"@a.example>'],
  ["an empty quoted local part", '""@a.example'],
];

for (const [name, value] of AUTHORS) {
  test(`readAuthor: ${name}`, () =>
    assert.partialDeepStrictEqual(readAuthor([value]), { status: "one", domain: "a.example" }));
}

test("readAuthor: a field as long as may be", () =>
  assert.equal(readAuthor([`x@a.example${" ".repeat(16_384 - 11)}`]).status, "one"));

function utf8(text: string): ByteText {
  return Buffer.from(text, "utf8").toString("latin1");
}

const LOCAL_PARTS: readonly [value: string, localPart: string][] = [
  ["Hans.M+x@a.example", "Hans.M+x"],
  ['Hans <"x y"@a.example>', "x y"],
  ['"x\\\\y\\@z"@a.example', "x\\y@z"],
  ["Hans (x) <y@a.example>", "y"],
  ['""@a.example', ""],
  [utf8("jürgen@a.example"), utf8("jürgen")],
];
for (const [value, localPart] of LOCAL_PARTS) {
  test(`readAuthor: the local part of ${value}`, () =>
    assert.deepEqual(readAuthor([value]), { status: "one", domain: "a.example", localPart }));
}
