import assert from "node:assert/strict";
import { test } from "node:test";
import { withConfig } from "../config/testing/with-config.ts";
import { listRemarks } from "./list-remarks.ts";
import { policyRemarks } from "./policy-remarks.ts";
import { resolverRemarks } from "./resolver-remarks.ts";
import { siteRemarks } from "./site-remarks.ts";

const LOCAL = { servers: ["127.0.0.53"], behindResolved: ["192.0.2.53"] };
const ZEN = '{ zone: zen.spamhaus.org, operator: spamhaus, codes: { "127.0.0.2": sbl } }';

type Row = readonly [name: string, yaml: string, says: readonly RegExp[]];

const rows: readonly Row[] = [
  ["nothing to say of the defaults", "", []],
  [
    "refuseAt connect without submission",
    "policy: { extends: postmaster-2026, refuseAt: connect }",
    [
      /^warning: refuseAt is connect, but no submission port .* set submission/,
      /^warning: refuseAt is connect: postmaster@ .* set refuseAt: rcpt/,
    ],
  ],
  [
    "refuseAt connect with submission",
    "policy: { extends: postmaster-2026, refuseAt: connect }\nsubmission: { ports: [587] }",
    [/^warning: refuseAt is connect: postmaster@/],
  ],
  [
    "refuseAt helo",
    "policy: { extends: postmaster-2026, refuseAt: helo }",
    [/^warning: refuseAt is helo: postmaster@/],
  ],
  [
    "poolp-2019 without score zones",
    "policy: poolp-2019\nsubmission: { ports: [587] }",
    [
      /^warning: refuseAt is connect: postmaster@/,
      /^warning: 421 is a temporary code .* rdns\.none, rdns\.mismatch$/,
      /^warning: the policy uses scores, but .* scores: \[\{ zone/,
      /^warning: slowFactor is 5000: .* slowFactor: 0$/,
    ],
  ],
  [
    "a session may do more than its whole network",
    "limits: { sessionCpuMs: 60000 }",
    [/^warning: limits\.networkCpuMs \(45000\) .* set networkCpuMs to 60000 or more$/],
  ],
  ["as much as its network", "limits: { sessionCpuMs: 60000, networkCpuMs: 60000 }", []],
  [
    "slowing few clients",
    "policy: { extends: postmaster-2026, slowFactor: 100 }\nscores: [{ zone: a.example }]\nlimits: { connections: 10 }",
    [],
  ],
  [
    "slowing many clients",
    "policy: { extends: postmaster-2026, slowFactor: 100 }\nscores: [{ zone: a.example }]",
    [/^warning: slowFactor is 100/],
  ],
  [
    "blockPhase before refuseAt",
    "policy: { extends: postmaster-2026, blockBelow: 10, blockPhase: helo }\nscores: [{ zone: a.example }]",
    [
      /^warning: blockPhase is helo, but refuseAt is rcpt: .* set refuseAt: helo, or blockPhase: rcpt/,
    ],
  ],
  ["blockPhase after refuseAt", "policy: { extends: postmaster-2026, blockPhase: rcpt }", []],
  [
    "localhost as our name",
    "authservId: localhost",
    [/^warning: authservId is "localhost": if opendkim or opendmarc/],
  ],
  [
    "a name without a dot",
    "authservId: mx",
    [/^warning: authservId is "mx": .* set a name of its own/],
  ],
  ["a name with a dot", "authservId: mx.example.net", []],
  [
    "two listeners on one address",
    "listen: { milter: [inet:127.0.0.1:8891, unix:/run/a], exim: unix:/run/a }",
    [/^error: listen\.milter and listen\.exim are on the same address, unix:\/run\/a/],
  ],
  [
    "a listener on every address, and one on the same port",
    'listen: { milter: [inet:127.0.0.1:8891, { address: "inet:0.0.0.0:8891", allowRemote: [10.0.0.0/8] }] }',
    [
      /^error: listen\.milter and listen\.milter .* inet:127\.0\.0\.1:8891 and inet:0\.0\.0\.0:8891/,
    ],
  ],
  [
    "a listener on every IPv6 address takes IPv4 too",
    'listen: { milter: [inet:127.0.0.1:8891, { address: "inet:[::]:8891", allowRemote: [10.0.0.0/8] }] }',
    [/^error: .* inet:\[::\]:8891/],
  ],
  [
    "a listener that answers everybody",
    'listen: { milter: { address: "inet:10.0.0.5:8891", allowRemote: [0.0.0.0/0] } }',
    [/^warning: inet:10\.0\.0\.5:8891 has allowRemote: 0\.0\.0\.0\/0: anybody may query it/],
  ],
  [
    "an allow entry that anybody can borrow",
    "policy: { extends: postmaster-2026, allow: [{ sender: a@b.example, unproved: true }, { client: 192.0.2.1, helo: c.example, unproved: true }] }",
    [/^warning: allow: sender a@b\.example: unproved, so anybody who uses that name has no debts/],
  ],
  ["ports that the system chooses", "listen: { milter: [inet:127.0.0.1:0, inet:127.0.0.1:0] }", []],
  ["other families", 'listen: { milter: ["inet:127.0.0.1:1", "inet:[::1]:1"] }', []],
  ["a list whose labels count", `lists: [${ZEN}]`, []],
  [
    "labels that nothing weighs",
    'lists: [{ zone: list.example, operator: a, codes: { "127.0.0.2": sbll, "127.0.0.3": dnswl-high, "127.0.0.4": gibberish } }]',
    [
      /^warning: lists\[0\] \(list\.example\): no rule or credit of the policy uses sbll \(did you mean sbl\?\), dnswl-high \(did you mean dnswl-hi\?\), gibberish; it uses drop, sbl, /,
    ],
  ],
  [
    "a label whose rule is off",
    `policy: { extends: postmaster-2026, weights: { lists.sbl: 0 } }\nlists: [${ZEN}]`,
    [/^warning: lists\[0\] .* uses sbl/],
  ],
  [
    "a policy that weighs no label",
    `policy: { extends: poolp-2019, refuseAt: rcpt, blockPhase: rcpt, slowFactor: 0 }\nscores: [{ zone: a.example }]\nlists: [${ZEN}]`,
    [/^warning: 421/, /^warning: lists\[0\] .* uses sbl; it uses no labels at all: extend/],
  ],
  [
    "a list without codes",
    "lists: [{ zone: list.example, operator: a, codes: {} }]",
    [/^warning: lists\[0\] \(list\.example\) has no codes/],
  ],
  [
    "a key in the zone",
    `lists: [${ZEN.replace("zen.spamhaus.org", "abcdefghij0123456789klmnop.zen.dq.spamhaus.net")}]`,
    [/^warning: lists\[0\] \(zen\.dq\.spamhaus\.net\) contains the access key in its zone/],
  ],
  [
    "public resolvers alone",
    `dns: { servers: ["8.8.8.8:53", "[2606:4700:4700::1111]:53"] }\nlists: [${ZEN}]\nscores: [{ zone: a.example }]`,
    [
      /^warning: dns\.servers are public resolvers \(.*\), which .* refuse \(a\.example, zen\.spamhaus/,
    ],
  ],
  [
    "a public resolver behind one of our own",
    `dns: { servers: ["127.0.0.1", "8.8.8.8"] }\nlists: [${ZEN}]`,
    [],
  ],
  [
    "a public resolver, and a list with a key",
    `dns: { servers: ["8.8.8.8"] }\nlists: [${ZEN.replace("operator", "key: abc, operator")}]`,
    [],
  ],
  ["a public resolver, and nothing that minds", 'dns: { servers: ["8.8.8.8"] }', []],
];
for (const [name, yaml, says] of rows) {
  test(`check warns: ${name}`, () =>
    withConfig(yaml, (config) => {
      const said = [
        ...siteRemarks(config, "host.example.org"),
        ...policyRemarks(config),
        ...listRemarks(config),
        ...resolverRemarks(config, LOCAL),
      ].map(({ level, text }) => `${level}: ${text}`);
      assert.equal(said.length, says.length, said.join("\n"));
      for (const [i, line] of said.entries()) assert.match(line, says[i] ?? /never/);
    }));
}

test("check warns: a host name without a dot is worth a hint", () =>
  withConfig("authservId: mx", (config) => {
    const [remark] = siteRemarks(config, "mx");
    assert.equal(remark?.level, "hint");
    assert.match(remark.text, /^authservId is "mx", the name of this host: /);
  }));
