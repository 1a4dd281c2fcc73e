import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDnsScript, scriptedResolver } from "@postern/dns";
import { askAddresses, askMailExchangers } from "./records.ts";

const resolver = scriptedResolver(
  parseDnsScript({
    "a.test": { A: ["192.0.2.1", "192.0.2.2"], AAAA: ["2001:DB8:0::1"], MX: ["10 mx.test", "0 ."] },
    "down.test": "servfail",
  }),
);

test("askAddresses: found", async () => {
  assert.deepEqual(await askAddresses(resolver, "a.test", "A"), {
    status: "found",
    value: ["192.0.2.1", "192.0.2.2"],
  });
  assert.deepEqual(await askAddresses(resolver, "a.test", "AAAA"), {
    status: "found",
    value: ["2001:db8::1"],
  });
});

test("askMailExchangers: found, with a null MX", async () => {
  assert.deepEqual(await askMailExchangers(resolver, "a.test"), {
    status: "found",
    value: [
      { preference: 10, exchange: "mx.test" },
      { preference: 0, exchange: "." },
    ],
  });
});

test("askAddresses, askMailExchangers: none and temperror", async () => {
  assert.deepEqual(await askAddresses(resolver, "b.test", "A"), { status: "none" });
  assert.deepEqual(await askMailExchangers(resolver, "b.test"), { status: "none" });
  const servfail = { status: "temperror", detail: "servfail" };
  assert.deepEqual(await askAddresses(resolver, "down.test", "A"), servfail);
  assert.deepEqual(await askMailExchangers(resolver, "down.test"), servfail);
});
