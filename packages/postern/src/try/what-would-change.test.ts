import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig, testConfig } from "../config/load.ts";
import { withConfig } from "../config/testing/with-config.ts";
import { tryCase } from "./try-case.ts";
import { whatWouldChange } from "./what-would-change.ts";

const IP = "192.0.2.1";
const SENT = { helo: "mail.example.com", from: "a@example.com", rcpt: ["b@example.org"] };
const MESSAGE =
  "Received: from desk.example.com by mail.example.com\nFrom: a@example.com\nMessage-ID: <1@example.com>\nDate: Tue, 24 Nov 2026 12:00:00 +0000\n\nhello\n";
const NOW = "2026-11-24T12:00:00Z";
const HONEST = {
  "1.2.0.192.in-addr.arpa": { PTR: ["mail.example.com"] },
  "mail.example.com": { A: [IP] },
  "example.com": { TXT: [`v=spf1 ip4:${IP} -all`], MX: ["10 mail.example.com"] },
  "_dmarc.example.com": { TXT: ["v=DMARC1; p=reject"] },
};
/** The reverse name leads elsewhere; nothing of the sender is authenticated. */
const FOREIGN = {
  "1.2.0.192.in-addr.arpa": { PTR: ["mail.example.com"] },
  "mail.example.com": { A: ["198.51.100.9"] },
  "example.com": { MX: ["10 mail.example.com"] },
};

const line = (keys: object) => ({
  client: { ip: IP },
  now: NOW,
  ...SENT,
  message: MESSAGE,
  ...keys,
});

const cases: readonly [name: string, yaml: string, input: object, lines: readonly string[]][] = [
  [
    "one rule that decides",
    "",
    line({ dns: { ...HONEST, "1.2.0.192.in-addr.arpa": {} } }),
    [
      "without rdns.none it would be accepted",
      "with allow: [{ client: 192.0.2.1 }] it would be accepted",
      "with mode: junk it would be junk",
    ],
  ],
  [
    "any one of several",
    "policy: { extends: postmaster-2026, weights: { dmarc.absent: 0 } }",
    line({
      dns: FOREIGN,
      helo: "mail",
    }),
    [
      "without any one of rdns.mismatch, helo.not-a-name, auth.none it would be junk",
      "with allow: [{ client: 192.0.2.1 }] it would be accepted",
      "with mode: junk it would be junk",
    ],
  ],
  [
    "two that have to go together",
    "policy: { extends: postmaster-2026, weights: { helo.not-a-name: 10, rdns.none: 10 }, caps: { helo: 10 } }",
    line({ dns: { ...HONEST, "1.2.0.192.in-addr.arpa": {} }, helo: "mail" }),
    [
      "without rdns.none and helo.not-a-name it would be accepted",
      "with allow: [{ client: 192.0.2.1 }] it would be accepted",
      "with mode: junk it would be junk",
    ],
  ],
  [
    "a hard rule, which no allow entry forgives",
    "localDomains: [example.org]",
    line({ dns: HONEST, helo: "example.org" }),
    ["without helo.ours it would be accepted", "with mode: junk it would be junk"],
  ],
  [
    "observe mode: what enforce would do",
    "mode: observe",
    line({ dns: { ...HONEST, "1.2.0.192.in-addr.arpa": {} } }),
    [
      "in enforce mode, without rdns.none it would be accepted",
      "in enforce mode, with allow: [{ client: 192.0.2.1 }] it would be accepted",
    ],
  ],
  ["accepted: how far from junk", "", line({ dns: HONEST }), ["6 more debt would make it junk"]],
  [
    "accepted: what brings it nearest",
    "",
    line({ dns: { ...HONEST, "mail.example.com": { A: ["198.51.100.9"] } } }),
    ["2 more debt would make it junk; rdns.mismatch (4) is the largest part"],
  ],
  [
    "accepted for its allow entry",
    "policy: { extends: postmaster-2026, allow: [{ client: 192.0.2.1 }] }",
    line({ dns: { ...HONEST, "1.2.0.192.in-addr.arpa": {} } }),
    ["without its allow entry it would be refused"],
  ],
  [
    "accepted as a forwarder's",
    "forwarders: [{ client: 192.0.2.1 }]",
    line({ dns: { ...HONEST, "1.2.0.192.in-addr.arpa": {} } }),
    ["without its entry in forwarders it would be refused"],
  ],
  ["a client on which no rule runs", "trusted: [192.0.2.0/24]", line({ dns: {} }), []],
  ["a policy without debts", "policy: poolp-2019", line({ dns: HONEST }), []],
  [
    "a temporary refusal at connect",
    "policy: poolp-2019",
    line({ dns: {} }),
    [
      "without rdns.none it would be accepted",
      "with allow: [{ client: 192.0.2.1 }] it would be accepted",
      "with mode: junk it would be junk",
    ],
  ],
];
for (const [name, yaml, input, lines] of cases) {
  test(`whatWouldChange: ${name}`, () =>
    withConfig(yaml, async (config) => {
      const result = await tryCase(input, config);
      assert.deepEqual(whatWouldChange(result, config.policy), lines);
    }));
}

test("whatWouldChange: any two of three, and no more than five lines", () =>
  withConfig(
    "policy: { extends: postmaster-2026, caps: { auth: 30, helo: 10 }, weights: { rdns.mismatch: 10, helo.not-a-name: 10, auth.none: 10, dmarc.absent: 0 }, thresholds: { reject: 15, junk: 15 } }",
    async (config) => {
      const result = await tryCase(line({ dns: FOREIGN, helo: "mail" }), config);
      assert.equal(
        whatWouldChange(result, config.policy)[0],
        "without any two of rdns.mismatch, helo.not-a-name, auth.none it would be accepted",
      );
    },
  ));

test("whatWouldChange: every claim about the examples of both policies holds", async () => {
  for (const policy of ["postmaster-2026", "poolp-2019"]) {
    await withConfig(`policy: ${policy}`, async (config) => {
      for (const { name, config: overlay, input } of config.expectations) {
        const result = await tryCase(input, testConfig(overlay, config.policy));
        const lines = whatWouldChange(result, config.policy);
        assert.ok(lines.length <= 5, name);
        for (const text of lines) {
          const [, id] = /^without (\S+) it would be \w+$/.exec(text) ?? [];
          if (id === undefined) continue;
          const { [id]: _, ...rules } = config.policy.rules;
          const again = await tryCase(input, testConfig(overlay, { ...config.policy, rules }));
          const word = {
            accept: "accepted",
            junk: "junk",
            tempfail: "deferred",
            reject: "refused",
          };
          assert.ok(text.endsWith(word[again.verdict.action]), `${name}: ${text}`);
        }
      }
    });
  }
});

test("whatWouldChange: an IPv6 address is quoted, as YAML needs it", async () => {
  const config = await loadConfig({ cwd: "/", systemFile: null, hostname: "mx.example.org" });
  const result = await tryCase({ client: { ip: "2001:db8::1" }, dns: {} }, config);
  assert.ok(
    whatWouldChange(result, config.policy).includes(
      'with allow: [{ client: "2001:db8::1" }] it would be accepted',
    ),
  );
});
