import assert from "node:assert/strict";
import { test } from "node:test";
import { readAuthor } from "./author.ts";

/** What was written behind the `@`, in UTF-8, and the name to check; null: it is none. */
const cases: readonly [name: string, written: string, domain: string | null][] = [
  ["lower case", "a.example", "a.example"],
  ["upper case", "A.EXAMPLE", "a.example"],
  ["one label", "localhost", "localhost"],
  ["an underscore", "_a.example", "_a.example"],
  ["digits", "4.example", "4.example"],
  ["a label of 63 letters", `${"a".repeat(63)}.example`, `${"a".repeat(63)}.example`],
  ["a label of 64 letters", `${"a".repeat(64)}.example`, null],
  ["253 letters", `${"a.".repeat(126)}b`, `${"a.".repeat(126)}b`],
  ["254 letters", `${"a.".repeat(126)}bc`, null],
  ["a dot at the end", "a.example.", null],
  ["a dot at the start", ".a.example", null],
  ["two dots", "a..example", null],
  ["a hyphen at the start", "-a.example", null],
  ["a hyphen at the end", "a-.example", null],
  ["a percent sign", "a%2eb.example", null],
  ["a slash", "a/b.example", null],
  ["a colon", "a.example:25", null],
  ["an asterisk", "*.example", null],
  ["U-labels", "bücher.example", "xn--bcher-kva.example"],
  ["U-labels, upper case", "BÜCHER.Example", "xn--bcher-kva.example"],
  ["U-labels, the accents apart", "bu\u0308cher.example", "xn--bcher-kva.example"],
  ["A-labels", "xn--bcher-kva.example", "xn--bcher-kva.example"],
  ["A-labels, upper case", "XN--BCHER-KVA.example", "xn--bcher-kva.example"],
  ["A- and U-labels", "bücher.xn--p1ai", "xn--bcher-kva.xn--p1ai"],
  ["all U-labels", "пример.рф", "xn--e1afmkfd.xn--p1ai"],
  ["Chinese", "例子.example", "xn--fsqu00a.example"],
  ["Arabic", "مثال.example", "xn--mgbh0fb.example"],
  ["a sharp s", "faß.example", "xn--fa-hia.example"],
  ["a final sigma", "βόλος.example", "xn--nxasmm1c.example"],
  ["an emoji, which people register", "😀.example", "xn--e28h.example"],
  ["a Cyrillic apple", "аррӏе.example", "xn--80ak6aa92e.example"],
  ["a Cyrillic letter among Latin", "pаypal.example", "xn--pypal-4ve.example"],
  ["a Turkish dotless i", "pıypal.example", "xn--pypal-n4a.example"],
  ["a Greek omicron", "gοogle.example", "xn--gogle-rce.example"],
  ["an A-label of nothing", "xn--.example", null],
  ["an A-label that ends early", "xn--a.example", null],
  ["an A-label of a forbidden letter", "xn--a-ecp.example", null],
  ["an A-label of ASCII letters", "xn--abc-.example", null],
  ["an A-label that overflows", "xn--99999999.example", null],
  ["an A-label of an A-label", "xn--xn---epa.example", null],
  ["an A-label among U-labels that is none", "é.xn--a", null],
  ["an A-label with other letters", "xn--é.example", null],
  ["wide letters", "ａ.example", null],
  ["an ideographic dot", "a。example", null],
  ["a wide dot", "a．example", null],
  ["a dot leader", "a․example", null],
  ["a number in a circle", "①.example", null],
  ["an account-of sign", "℀.example", null],
  ["a Kelvin sign, which is a K", "\u212a.example", "k.example"],
  ["a ligature", "ﬁ.example", null],
  ["a soft hyphen", "vic\u00adtim.example", null],
  ["a zero width joiner", "vic\u200dtim.example", null],
  ["a zero width space", "vic\u200btim.example", null],
  ["a variation selector", "victim\ufe0f.example", null],
  ["a combining grapheme joiner", "vic\u034ftim.example", null],
  ["a byte order mark", "\ufeffvictim.example", null],
  ["letters turned around", "\u202evictim.example", null],
  ["a line separator", "victim\u2028.example", null],
  ["a no-break space", "victim\u00a0.example", null],
  ["a next line", "victim\u0085.example", null],
  ["the sign for a lost letter", "\ufffd.example", null],
  ["a division slash, which is a name", "a\u2215é.example", "xn--a-bga985w.example"],
  ["too many letters", `${"é".repeat(513)}.example`, null],
  ["many letters, all of one label", `${"é".repeat(100)}.example`, null],
  ["wide digits", "１２７.0.0.1", null],
];

for (const [name, written, domain] of cases) {
  const expected =
    domain === null
      ? { status: "not-one", reason: "the domain in From is not a domain name" }
      : { status: "one", domain, localPart: "x" };
  const bytes = Buffer.from(`x@${written}`, "utf8").toString("latin1");
  test(`readAuthor: domain: ${name}`, () => assert.deepEqual(readAuthor([bytes]), expected));
}

const NOT_UTF8: readonly [name: string, bytes: string][] = [
  ["Latin-1", "b\xfccher.example"],
  ["a byte of UTF-8 alone", "\x80.example"],
  ["cut UTF-8", "b\xc3.example"],
  ["an overlong dot", "victim\xc0\xae.example"],
  ["a surrogate", "\xed\xa0\x80.example"],
];
for (const [name, bytes] of NOT_UTF8) {
  test(`readAuthor: domain: ${name}`, () =>
    assert.equal(readAuthor([`x@${bytes}`]).status, "not-one"));
}
