import assert from "node:assert/strict";
import { test } from "node:test";
import { ownerOf } from "./owner-of.ts";

for (const [name, owner] of [
  ["_dmarc.mail.example.com", "example.com"],
  ["example.com", "example.com"],
  ["com", "com"],
  ["a.b.example.co.uk", "example.co.uk"],
  ["a.b.example.de", "example.de"],
  ["4.3.2.1.in-addr.arpa", "3.2.1.in-addr.arpa"],
  [
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
    "0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
  ],
] as const)
  test(`ownerOf: ${name}: ${owner}`, () => assert.equal(ownerOf(name), owner));
