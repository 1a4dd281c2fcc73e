import assert from "node:assert/strict";
import { test } from "node:test";
import { type Domain, parseDomain } from "@postern/smtp-filter";
import { readNamedDomain } from "./named-domain.ts";

const SHOWN: readonly (readonly [name: string, value: string, shown: string])[] = [
  ["an address in quotes", '"service@bank.com" <x@own.com>', "bank.com"],
  ["an address below a domain", '"info@mail.bank.co.uk" <x@own.com>', "bank.co.uk"],
  ["a domain", "Bank.com Security <x@own.com>", "bank.com"],
  ["a domain in brackets", "[bank.com] <x@own.com>", "bank.com"],
  ["a page", "https://www.bank.com/login <x@own.com>".replace("://", " "), "bank.com"],
  ["a comment behind the address", "x@own.com (service of bank.com)", "bank.com"],
  ["a comment behind the brackets", "Hans <x@own.com> (bank.com)", "bank.com"],
  ["an encoded word", "=?utf-8?q?service=40bank=2Ecom?= <x@own.com>", "bank.com"],
  ["an encoded word in base64", "=?UTF-8?B?c2VydmljZUBiYW5rLmNvbQ==?= <x@own.com>", "bank.com"],
  [
    "an address over two encoded words",
    "=?utf-8?q?service=40ba?=\r\n =?utf-8?q?nk.com?= <x@own.com>",
    "bank.com",
  ],
  ["text before and behind an encoded word", "a =?utf-8?q?b?= bank.com <x@own.com>", "bank.com"],
  ["an address of initials", '"a@x.co" <x@own.com>', "x.co"],
  ["the second word", "own.com bank.com <x@own.com>", "bank.com"],
];
for (const [name, value, shown] of SHOWN) {
  test(`readNamedDomain: ${name}`, () => {
    assert.equal(readNamedDomain(value, domain("own.com")), shown);
  });
}

const NOTHING: readonly (readonly [name: string, value: string])[] = [
  ["no name", "x@own.com"],
  ["a plain name", "Hans Müller <x@own.com>"],
  ["its own domain", "own.com <x@own.com>"],
  ["its own address", '"x@own.com" <x@own.com>'],
  ["its own domain, below it", "news.own.com <x@mail.own.com>"],
  ["its brand under another top level domain", "own.de <x@own.com>"],
  ["initials", "J.R.R. Tolkien <x@own.com>"],
  ["a title", "Dr.No <x@own.com>"],
  ["a kind of company", "Own Trading Co.Ltd <x@own.com>"],
  ["no top level domain", "John.Smith node.js v1.2 <x@own.com>"],
  ["another address in its own local part", "bank.com=service@own.com"],
  ["an encoded word that does not end", "=?utf-8?q?bank <x@own.com>"],
  [
    "an encoded word of an unknown encoding",
    "=?utf-8?x?bank=2Ecom?= <x@own.com>".replace("=2Ecom", ""),
  ],
];
for (const [name, value] of NOTHING) {
  test(`readNamedDomain: nothing in ${name}`, () => {
    assert.equal(readNamedDomain(value, domain("own.com")), null);
  });
}

function domain(text: string): Domain {
  return parseDomain(text) ?? assert.fail(text);
}
