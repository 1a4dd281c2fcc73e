import assert from "node:assert/strict";
import { test } from "node:test";
import { ownerOf } from "./owner-of.ts";

for (const [name, owner] of [
  ["_dmarc.mail.example.com", "example.com"],
  ["example.com", "example.com"],
  ["com", "com"],
  ["a.b.example.co.uk", "example.co.uk"],
  ["a.b.example.de", "example.de"],
  // A short name is somebody's, too.
  ["a.b.abc.de", "abc.de"],
  // Public suffixes that are long, or below a domain that is itself registered.
  ["mail.paris.gouv.fr", "paris.gouv.fr"],
  ["mail.one.info.pl", "one.info.pl"],
  ["mail.one.eu.org", "one.eu.org"],
  ["eu.org", "eu.org"],
  ["_dmarc.one.duckdns.org", "one.duckdns.org"],
  // No list knows it.
  ["mail.example.test", "example.test"],
  // Looks like an address, and is a name.
  ["1.2.3.4", "3.4"],
  ["a+b=c._spf.\xc3\xa9.info.pl", "\xc3\xa9.info.pl"],
  ["4.3.2.1.in-addr.arpa", "3.2.1.in-addr.arpa"],
  [
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
    "0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
  ],
] as const)
  test(`ownerOf: ${name}: ${owner}`, () => assert.equal(ownerOf(name), owner));
