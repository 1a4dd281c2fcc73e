import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIpAddress, reversedName } from "@postern/smtp-filter";
import { zoneOf } from "./zone-of.ts";

const cases = [
  { name: "mail.example.com", zone: "example.com" },
  { name: "example.com", zone: "example.com" },
  { name: "com", zone: "com" },
  { name: "1.2.0.192.in-addr.arpa", zone: "192.in-addr.arpa" },
  { name: reversed("2001:db8::1"), zone: "8.b.d.0.1.0.0.2.ip6.arpa" },
  { name: "xip6.arpa", zone: "xip6.arpa" },
] as const;
for (const { name, zone } of cases) {
  test(`zoneOf: ${name}`, () => assert.equal(zoneOf(name), zone));
}

function reversed(text: string): string {
  const address = parseIpAddress(text);
  assert.ok(address !== undefined);
  return reversedName(address);
}
