import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDnsScript, scriptedResolver } from "@postern/dns";
import type { SenderDomainFact } from "@postern/filter-core";
import { parseDomain } from "@postern/smtp-filter";
import { lookUpSenderDomain } from "./sender-domain.ts";

const cases: readonly [name: string, records: unknown, fact: SenderDomainFact][] = [
  ["an MX", { MX: ["10 mx.example.com"] }, "takes-mail"],
  ["an address alone", { A: ["192.0.2.1"] }, "takes-mail"],
  ["an IPv6 address alone", { AAAA: ["2001:db8::1"] }, "takes-mail"],
  ["a null MX", { MX: ["0 ."] }, "null-mx"],
  ["a null MX beside another", { MX: ["0 .", "10 mx.example.com"] }, "takes-mail"],
  ["neither", { TXT: ["v=spf1 -all"] }, "nothing"],
  ["no such name", undefined, "nothing"],
  ["MX that cannot be asked for", { MX: "timeout", A: ["192.0.2.1"] }, "temperror"],
  ["an address that cannot be asked for", { A: "servfail" }, "temperror"],
  [
    "one address that cannot be asked for, the other there",
    { A: "timeout", AAAA: ["2001:db8::1"] },
    "takes-mail",
  ],
  ["all timeouts", "timeout", "temperror"],
];

for (const [name, records, fact] of cases) {
  test(`lookUpSenderDomain: ${name}`, async () => {
    const domain = parseDomain("example.com");
    assert.ok(domain);
    const zone = parseDnsScript(records === undefined ? {} : { "example.com": records });
    assert.equal(await lookUpSenderDomain(scriptedResolver(zone), domain), fact);
  });
}
