import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { jsonSchemaOf, type SchemaName } from "./json-schema.ts";
import { assertRefused } from "./testing/refused.ts";
import { readYaml } from "./yaml-source.ts";

/** What an editor does: it knows the JSON Schema and nothing else of ours. */
const validators = {
  config: z.fromJSONSchema(JSON.parse(JSON.stringify(jsonSchemaOf("config")))),
  policy: z.fromJSONSchema(JSON.parse(JSON.stringify(jsonSchemaOf("policy")))),
};

function accepts(name: SchemaName, yaml: string): boolean {
  const { value } = readYaml(Buffer.from(yaml), "a.yaml", "/a.yaml");
  return validators[name].safeParse(JSON.parse(JSON.stringify(value))).success;
}

const ROOT = new URL("../../../../", import.meta.url);
const files: readonly (readonly [SchemaName, string])[] = [
  ["config", "examples/postern/postern.yaml"],
  ["config", "examples/opensmtpd/postern.yaml"],
  ["policy", "packages/postern/policies/postmaster-2026.yaml"],
  ["policy", "packages/postern/policies/poolp-2019.yaml"],
  ["policy", "packages/postern/policies/known-names.yaml"],
];
for (const [name, file] of files) {
  test(`JSON Schema: accepts ${file}`, () => {
    assert.ok(accepts(name, readFileSync(new URL(file, ROOT), "utf8")));
  });
}

const good: readonly string[] = [
  "{}",
  'listen: { milter: "inet:[::1]:8891", exim: [unix:run/a, inet:LocalHost:0] }',
  'listen: { milter: [{ address: "inet:10.0.0.5:1", allowRemote: [10.0.0.0/8] }, unix:/a] }',
  'listen: { learn: { address: unix:/run/l.sock, mode: "660", group: mail } }',
  'state: "memory:"',
  "state: sqlite:a.db",
  "state: rediss://u:p%40@host:6379/0",
  'dns: { servers: [127.0.0.1, "[::1]:53", "127.0.0.1:5353"], probe: . }',
  "localDomains: [bücher.example, EXAMPLE.org.]",
  "forwarders: [{ client: 192.0.2.7 }, { arcSealer: lists.example.net }]",
  'trusted: ["2001:db8::/32", 192.0.2.1]',
  "policy: ./mine.yaml",
  'policy: { extends: poolp-2019, deny: [{ helo: "*.example.com", until: 2027-01-31 }] }',
  "policy: { extends: a.yaml, allow: [{ sender: postmaster }], reputation: off }",
  "policy: { extends: a.yaml, rules: { score.low: { tiers: [{ below: 10, action: junk }] } } }",
  "policy: { extends: a.yaml, known: { freeMail: { checked: 2026-11-24, names: [a.example] } } }",
  "policy: { extends: a.yaml, recipients: [{ to: [a@example.com], mode: observe }] }",
  "policy: { extends: a.yaml, expect: [{ name: a, case: {}, verdict: [accept, { action: junk }] }] }",
  'lists: [{ zone: a.example, operator: a, codes: { "127.0.*.2-4": sbl }, key: aBc-1 }]',
];
for (const yaml of good) {
  test(`JSON Schema: accepts ${yaml}`, () => assert.ok(accepts("config", yaml)));
}

/** What check refuses, and how it begins to say so. */
const mistakes: readonly (readonly [yaml: string, place: string, says: string])[] = [
  ["lisen: 3", "1:1", "unknown key: lisen"],
  ["mode: enfroce", "1:7", "mode: "],
  ["mode: [junk]", "1:7", "mode: "],
  ["- mode", "1:1", "must be a map"],
  ["trusted: 127.0.0.1", "1:10", "trusted: must be a list"],
  ["trusted: [localhost]", "1:11", "trusted[0]: "],
  ['listen: { milter: "tcp:127.0.0.1:1" }', "1:19", "listen.milter: "],
  ['listen: { milter: "inet:mail.example.org:8891" }', "1:19", "listen.milter: "],
  ['listen: { milter: "unix:/run/" }', "1:19", "listen.milter: "],
  ['listen: { milter: { mode: "0660" } }', "1:11", "listen.milter"],
  ['listen: { milter: { address: "unix:/run/a", mode: 0660 } }', "1:51", "listen.milter.mode: "],
  ['listen: { milter: { address: "unix:/a", mode: "0990" } }', "1:47", "listen.milter.mode: "],
  ['listen: { smtp: "unix:/a" }', "1:11", "unknown key in listen: smtp"],
  ["state: file:/var/lib", "1:8", "state: "],
  ["dns: { servers: [] }", "1:17", "dns.servers: "],
  ["dns: { timeoutMs: 1 }", "1:19", "dns.timeoutMs: "],
  ['dns: { timeoutMs: "2000" }', "1:19", "dns.timeoutMs: "],
  ['authservId: "a..b"', "1:13", "authservId: "],
  ["forwarders: [{}]", "1:14", "forwarders[0]: "],
  ["forwarders: [{ client: 192.0.2.1, arcSealer: a.example }]", "1:14", "forwarders[0]: "],
  ["submission: { ports: [0] }", "1:23", "submission.ports[0]: "],
  ['submission: { daemonNames: ["a b"] }', "1:29", "submission.daemonNames[0]: "],
  ["lists: [{ zone: a.example, codes: {} }]", "1:9", "lists[0].operator: is missing"],
  ["lists: [{ zone: 7, operator: a, codes: {} }]", "1:17", "lists[0].zone: "],
  ['user: "a b"', "1:7", "user: "],
  ["pidFile: /run/", "1:10", "pidFile: "],
  ["log: { time: soon }", "1:14", "log.time: "],
  ["onFailure: reject", "1:12", "onFailure: "],
  ["limits: { connections: 0 }", "1:24", "limits.connections: "],
  ["limits: { messageDeadlineMs: 1.5 }", "1:30", "limits.messageDeadlineMs: "],
  ["policy: [postmaster-2026]", "1:9", "policy: "],
  ["policy: { extends: postmaster-2026, refuseAt: message }", "1:47", "policy.refuseAt: "],
  ["policy: { extends: postmaster-2026, weights: { tls.non: 0 } }", "1:48", "unknown rule"],
  ["policy: { extends: postmaster-2026, weights: { tls.none: 101 } }", "1:58", "policy.weights"],
  [
    "policy: { extends: postmaster-2026, deny: [{ until: 31.1.2027, helo: a.example }] }",
    "1:53",
    "policy.deny[0].until: ",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { rdns.none: { reply: try again } } }",
    "1:66",
    "policy.rules.rdns.none.reply: ",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { score.low: { tiers: [{ below: 9 }] } } }",
    "1:67",
    "policy.rules.score.low.tiers[0]: ",
  ],
  [
    "policy: { extends: postmaster-2026, expect: [{ name: a, verdict: accept }] }",
    "1:46",
    "policy.expect[0].case: ",
  ],
];
for (const mistake of mistakes) {
  const [yaml] = mistake;
  test(`JSON Schema: refuses ${yaml}, as check does`, async () => {
    await assertRefused(mistake);
    assert.equal(accepts("config", yaml), false);
  });
}
