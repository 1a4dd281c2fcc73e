import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDnsScript, scriptedResolver } from "@postern/dns";
import { parseDomain } from "@postern/smtp-filter";
import { lookUpHeloAddress } from "./helo-address.ts";

const A = ["192.0.2.1"];
const AAAA = ["2001:db8::1"];
const TIMEOUT = { status: "temperror", detail: "timeout" } as const;

const cases = [
  {
    name: "both families",
    entry: { A, AAAA },
    result: { status: "found", value: [...A, ...AAAA] },
  },
  { name: "A only", entry: { A }, result: { status: "found", value: A } },
  { name: "AAAA only", entry: { AAAA }, result: { status: "found", value: AAAA } },
  {
    name: "A, and AAAA fails",
    entry: { A, AAAA: "timeout" },
    result: { status: "found", value: A },
  },
  {
    name: "AAAA, and A fails",
    entry: { A: "timeout", AAAA },
    result: { status: "found", value: AAAA },
  },
  { name: "none, and AAAA fails", entry: { AAAA: "timeout" }, result: TIMEOUT },
  { name: "none, and A fails", entry: { A: "timeout" }, result: TIMEOUT },
  { name: "both fail", entry: "timeout", result: TIMEOUT },
  { name: "no address", entry: {}, result: { status: "none" } },
  {
    name: "the same address twice",
    entry: { A: [...A, ...A] },
    result: { status: "found", value: A },
  },
] as const;
for (const { name, entry, result } of cases) {
  test(`lookUpHeloAddress: ${name}`, async () => {
    const domain = parseDomain("mail.test");
    assert.ok(domain !== undefined);
    const resolver = scriptedResolver(parseDnsScript({ "mail.test": entry }));
    assert.deepEqual(await lookUpHeloAddress(resolver, domain), result);
  });
}
