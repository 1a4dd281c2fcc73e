import assert from "node:assert/strict";
import { test } from "node:test";
import { testConfig } from "../config/load.ts";
import { withConfig } from "../config/testing/with-config.ts";
import { explain } from "./explain.ts";
import type { TryResult } from "./run-case.ts";
import { tryCase } from "./try-case.ts";

/** A stranger whose names the DNS has; his domain's SPF cannot be looked up. */
const session = {
  client: { ip: "192.0.2.1" },
  helo: "mail.example.com",
  from: "a@example.com",
  rcpt: ["b@example.org"],
  message: "From: a@example.com\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n\r\nhello\r\n",
  now: "2026-11-24T10:00:00Z",
  dns: {
    "1.2.0.192.in-addr.arpa": { PTR: ["mail.example.com"] },
    "mail.example.com": { A: ["192.0.2.1"] },
    "example.com": { A: ["192.0.2.1"], TXT: "timeout" },
  },
};
const bare = { ...session, dns: {} };
const unnamed = "550 5.7.25 you must have rDNS";

const cases: readonly {
  readonly name: string;
  readonly overlay: object;
  readonly input: object;
  readonly verdict: Partial<TryResult["verdict"]>;
}[] = [
  {
    name: "onDnsDown: tempfail, and the resolver is down",
    overlay: { onDnsDown: "tempfail" },
    input: { ...session, resolver: "down" },
    verdict: {
      action: "tempfail",
      rule: "fault.dns",
      toldAt: "message",
      reply: "451 4.4.3 our DNS does not answer, please try again later",
    },
  },
  {
    name: "onDnsDown: accept, and the resolver is down",
    overlay: { onDnsDown: "accept" },
    input: { ...session, resolver: "down" },
    verdict: { action: "accept", rule: null, toldAt: null, reply: null },
  },
  {
    name: "onDnsDown: tempfail, and the resolver is up",
    overlay: { onDnsDown: "tempfail" },
    input: session,
    verdict: { action: "accept", rule: null, toldAt: null, reply: null },
  },
  {
    name: "onDnsDown: tempfail in observe mode",
    overlay: { onDnsDown: "tempfail", mode: "observe" },
    input: { ...session, resolver: "down" },
    verdict: { action: "accept", rule: null, toldAt: null, reply: null },
  },
  {
    name: "a session over its budget",
    overlay: { limits: { sessionCpuMs: 1 } },
    input: { ...session, rcpt: Array.from({ length: 20 }, (_, i) => `b${i}@example.org`) },
    verdict: {
      action: "tempfail",
      rule: "fault.budget",
      reply: "421 4.7.0 this session costs us too much, please try again later",
    },
  },
  {
    name: "enforce mode",
    overlay: {},
    input: bare,
    verdict: { action: "reject", rule: "rdns.none", toldAt: "rcpt" },
  },
  {
    name: "junk mode",
    overlay: { mode: "junk" },
    input: bare,
    verdict: { action: "junk", rule: null, toldAt: null, reply: null, would: "reject" },
  },
  {
    name: "observe mode",
    overlay: { mode: "observe" },
    input: bare,
    verdict: { action: "accept", rule: null, toldAt: null, reply: null, would: "reject" },
  },
  {
    name: "a fault seen first is told softly",
    overlay: {},
    input: { ...bare, seen: "first" },
    verdict: { action: "tempfail", rule: "rdns.none", toldAt: "rcpt" },
  },
];
for (const { name, overlay, input, verdict } of cases) {
  test(`try: says what a listener tells: ${name}`, async () => {
    await withConfig("{}", async ({ policy }) => {
      const result = await tryCase(input, testConfig(overlay, policy));
      const seen = Object.fromEntries(
        Object.keys(verdict).map((key) => [key, result.verdict[key as keyof typeof verdict]]),
      );
      assert.deepEqual(seen, verdict);
    });
  });
}

test("try: a reply of the policy is told as it stands, without the decision id", async () => {
  await withConfig("{}", async ({ policy }) => {
    const { verdict, recipients } = await tryCase(bare, testConfig({}, policy));
    assert.ok(verdict.reply?.startsWith(unnamed), verdict.reply ?? "");
    assert.deepEqual(recipients, [
      { address: "b@example.org", action: "reject", reply: verdict.reply },
    ]);
  });
});

test("try: where no rule has decided, none less is named as the cure", async () => {
  await withConfig("{}", async ({ policy }) => {
    const config = testConfig({ onDnsDown: "tempfail" }, policy);
    const text = explain(await tryCase({ ...session, resolver: "down" }, config), config);
    assert.match(text, /tempfail by fault\.dns, decided at message, told at message: 451 4\.4\.3/);
    assert.match(
      text,
      /What would have changed it\n {2}with onDnsDown: accept it would be accepted\n/,
    );
  });
});
