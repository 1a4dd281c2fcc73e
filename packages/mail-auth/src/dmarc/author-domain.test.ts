import assert from "node:assert/strict";
import { test } from "node:test";
import { type DnsAnswer, fault, found, resolverOf } from "@postern/dns";
import { parseDomain } from "@postern/smtp-filter";
import { lookUpAuthorDomain } from "./author-domain.ts";

const NXDOMAIN: DnsAnswer = { status: "none", reason: "nxdomain" };
const NODATA: DnsAnswer = { status: "none", reason: "nodata" };

const cases: readonly (readonly [name: string, answer: DnsAnswer, fact: string])[] = [
  ["a.example", NXDOMAIN, "none"],
  ["a.example", NODATA, "exists"],
  ["a.example", found([{ preference: 10, exchange: "mail.a.example" }]), "exists"],
  ["a.example", fault("timeout"), "temperror"],
  ["a.example", fault("servfail"), "temperror"],
];
for (const [name, answer, fact] of cases) {
  test(`lookUpAuthorDomain: ${JSON.stringify(answer)}: ${fact}`, async () => {
    const resolver = resolverOf(async () => answer);
    assert.equal(await lookUpAuthorDomain(resolver, parseDomain(name) ?? assert.fail()), fact);
  });
}

const asked: readonly (readonly [name: string, asked: string])[] = [
  ["news.mail.a.co.uk", "a.co.uk"],
  ["a.co.uk", "a.co.uk"],
  ["co.uk", "co.uk"],
  ["x.user.github.io", "user.github.io"],
];
for (const [name, owner] of asked) {
  test(`lookUpAuthorDomain: for ${name} one question, for ${owner}`, async () => {
    const names: string[] = [];
    const resolver = resolverOf(async (question) => {
      names.push(question);
      return NXDOMAIN;
    });
    await lookUpAuthorDomain(resolver, parseDomain(name) ?? assert.fail());
    assert.deepEqual(names, [owner]);
  });
}
