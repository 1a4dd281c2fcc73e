import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ConfigError } from "./config-error.ts";
import { loadConfig } from "./load.ts";

const cwd = mkdtempSync(join(tmpdir(), "postern-broken-"));
after(() => rmSync(cwd, { recursive: true }));

/** Configurations that cannot be used: the text, where the first problem is, and how its sentence begins. */
const broken: readonly (readonly [yaml: string, place: string, says: string])[] = [
  [
    "mode: enfroce",
    "1:7",
    'mode: "enfroce" is none of observe, junk, enforce, did you mean enforc',
  ],
  ["lisen: 3", "1:1", "lisen: is no known key, did you mean listen?"],
  ["mode: observe\nmode: junk", "2:1", '"mode" is given twice'],
  [
    "trusted: [2001:db8::]",
    "1:11",
    'YAML takes a word that ends in ":" for a map: quote it, "2001:db8::"',
  ],
  [
    "trusted: [ok, 1.2.3.4/8]",
    "1:11",
    'trusted[0]: "ok" is no address or network, such as 192.0.2.7, 192.0.2.',
  ],
  [
    "trusted:\n  - 2001:db8::",
    "2:5",
    'YAML takes a word that ends in ":" for a map: quote it, "2001:db8::"',
  ],
  ["trusted:\n  - ::", "2:5", 'YAML takes a word that ends in ":" for a map: quote it, "::"'],
  ["trusted: 127.0.0.1", "1:10", 'trusted: "127.0.0.1" is no list, [a, b]'],
  [
    "trusted: [10.0.0.0/33]",
    "1:11",
    'trusted[0]: "10.0.0.0/33" is no network: the length behind the slash i',
  ],
  ["trusted: [null]", "1:11", "trusted[0]: has no value: give it one, or remove the key"],
  ["trusted:", "1:1", "trusted: has no value: give it one, or remove the key"],
  [
    'listen: { milter: "inet:0.0.0.0:8891" }',
    "1:19",
    "listen.milter: inet:0.0.0.0:8891 can be reached from other hosts: say",
  ],
  [
    'listen: { milter: "inet:[::]:8891" }',
    "1:19",
    "listen.milter: inet:[::]:8891 can be reached from other hosts: say whi",
  ],
  [
    'listen: { milter: "inet:mail.example.org:8891" }',
    "1:19",
    'listen.milter: "inet:mail.example.org:8891" has a host that is no addr',
  ],
  [
    'listen: { milter: "inet:127.0.0.1:99999" }',
    "1:19",
    'listen.milter: "inet:127.0.0.1:99999" has a port that is not from 0 to',
  ],
  [
    'listen: { milter: "tcp:127.0.0.1:1" }',
    "1:19",
    'listen.milter: "tcp:127.0.0.1:1" is no place to listen: write unix:/pa',
  ],
  ['listen: { milter: "unix:" }', "1:19", 'listen.milter: "unix:" has no path behind unix:'],
  [
    'listen: { milter: { address: "unix:/run/a", mode: 0660 } }',
    "1:51",
    "listen.milter.mode: 660 is a number in YAML, and not the one you mean:",
  ],
  [
    'listen: { milter: { address: "unix:/run/a", mode: "0990" } }',
    "1:51",
    'listen.milter.mode: "0990" is no mode of a file, such as "0660"',
  ],
  [
    'listen: { milter: { address: "unix:/run/a", allowRemote: [10.0.0.0/8] } }',
    "1:19",
    "listen.milter: a unix socket has no remote clients: mode and group say",
  ],
  [
    'listen: { milter: { address: "inet:127.0.0.1:1", group: postfix } }',
    "1:19",
    "listen.milter: mode and group are for unix sockets: an inet listener h",
  ],
  [
    'listen: { milter: { address: "inet:10.0.0.5:1", allowRemote: [] } }',
    "1:19",
    "listen.milter: inet:10.0.0.5:1 can be reached from other hosts: say wh",
  ],
  [
    "listen: { exim: [7] }",
    "1:18",
    "listen.exim[0]: 7 is no text (numbers, and words such as true, need qu",
  ],
  ['listen: { smtp: "unix:/a" }', "1:11", "listen.smtp: is no known key, allowed are milter, exim"],
  [
    "state: file:/var/lib",
    "1:8",
    'state: "file:/var/lib" is no store: write "memory:", sqlite:/path/to.d',
  ],
  [
    "state: redis:/x",
    "1:8",
    'state: "redis:/x" is no store: write "memory:", sqlite:/path/to.db or',
  ],
  [
    "dns: { servers: [ns.example.org] }",
    "1:18",
    'dns.servers[0]: "ns.example.org" is no address of a resolver, such as',
  ],
  [
    "dns: { servers: [] }",
    "1:17",
    "dns.servers: this list is empty: name a server, or remove the key to u",
  ],
  ["dns: { timeoutMs: 1 }", "1:19", "dns.timeoutMs: 1 is no whole number from 50 to 8000"],
  [
    'dns: { timeoutMs: "2000" }',
    "1:19",
    'dns.timeoutMs: "2000" is no whole number from 50 to 8000',
  ],
  ['dns: { probe: "a b" }', "1:15", 'dns.probe: "a b" is no domain name'],
  ['authservId: "a..b"', "1:13", 'authservId: "a..b" is no domain name, such as example.org'],
  [
    'localDomains: ["exa mple.org"]',
    "1:16",
    'localDomains[0]: "exa mple.org" is no domain name, such as example.org',
  ],
  ["localDomains: example.org", "1:15", 'localDomains: "example.org" is no list, [a, b]'],
  [
    "policy: postmaster-2062",
    "1:9",
    'policy: "postmaster-2062" is no known policy, did you mean postmaster-',
  ],
  ["policy: ./missing.yaml", "1:9", 'policy: "./missing.yaml" does not exist'],
  [
    "policy: { refuseAt: mail }",
    "1:9",
    "policy: extends is missing: name the policy to start from, extends: po",
  ],
  [
    "policy: { extends: postmaster-2026, refuseAt: message }",
    "1:47",
    'policy.refuseAt: "message" is none of connect, helo, mail, rcpt',
  ],
  [
    "policy: { extends: postmaster-2026, weights: { tls.non: 0 } }",
    "1:48",
    "policy.weights.tls.non: is no known rule, did you mean tls.none?",
  ],
  [
    "policy: { extends: postmaster-2026, weights: { tls.none: 101 } }",
    "1:58",
    "policy.weights.tls.none: 101 is no number from 0 to 100",
  ],
  [
    "policy: { extends: postmaster-2026, weights: { helo.ours: 5 } }",
    "1:48",
    "policy.weights.helo.ours: it is a hard rule, which decides by itself a",
  ],
  [
    "policy: { extends: postmaster-2026, weights: { score.low: 5 } }",
    "1:48",
    "policy.weights.score.low: it measures, so it needs tiers instead of on",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { rdns.none: { debt: 1 } }, weights: { rdns.none: 2 } }",
    "1:83",
    "policy.weights.rdns.none: rules.rdns.none gives it a debt already",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { rdns.none: { tiers: [{ below: 5, debt: 1 }] } } }",
    "1:46",
    "policy.rules.rdns.none: it measures nothing, so it has no tiers, only",
  ],
  [
    'policy: { extends: postmaster-2026, rules: { rdns.none: { reply: "421 go" } } }',
    "1:46",
    "policy.rules.rdns.none: it is a final rule, which speaks for what coun",
  ],
  [
    'policy: { extends: postmaster-2026, rules: { rdns.none: { reply: "hello" } } }',
    "1:66",
    'policy.rules.rdns.none.reply: "hello" is no reply: a reply is a code f',
  ],
  [
    'policy: { extends: postmaster-2026, rules: { rdns.none: { reply: "550 {who}" } } }',
    "1:66",
    'policy.rules.rdns.none.reply: "550 {who}" is no reply: {who} is no var',
  ],
  [
    "policy: { extends: postmaster-2026, rules: { rdns.none: { kind: soft } } }",
    "1:65",
    'policy.rules.rdns.none.kind: "soft" is none of hard, final, weighed',
  ],
  [
    "policy: { extends: postmaster-2026, rules: { score.low: { kind: hard } } }",
    "1:46",
    "policy.rules.score.low: it is a hard rule, which has no debts: give ea",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { score.low: { tiers: [{ below: 5 }] } } }",
    "1:67",
    "policy.rules.score.low.tiers[0]: a tier has one of two: debt or action",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { score.low: { tiers: [] } } }",
    "1:66",
    "policy.rules.score.low.tiers: there is no tier: to switch the rule off",
  ],
  [
    "policy: { extends: postmaster-2026, junkBelow: 5, rules: { score.low: { tiers: [{ below: 5, debt: 1 }] } } }",
    "1:37",
    "policy.junkBelow: rules.score.low has tiers already: blockBelow and ju",
  ],
  [
    "policy: { extends: postmaster-2026, thresholds: { junk: 11 } }",
    "1:37",
    "policy.thresholds: junk is 11 and reject 10: junk must not be above re",
  ],
  [
    "policy: { extends: postmaster-2026, thresholds: { reject: 3 } }",
    "1:37",
    "policy.thresholds: junk is 6 and reject 3: junk must not be above reje",
  ],
  [
    "policy: { extends: postmaster-2026, caps: { rdn: 3 } }",
    "1:45",
    "policy.caps.rdn: is no known group, did you mean rdns?",
  ],
  [
    "policy: { extends: postmaster-2026, deny: [{ until: 2027-01-31 }] }",
    "1:44",
    "policy.deny[0]: an entry needs a condition: client, senderDomain, send",
  ],
  [
    "policy: { extends: postmaster-2026, deny: [{ client: 192.0.2.1, until: 2027-02-30 }] }",
    "1:72",
    'policy.deny[0].until: "2027-02-30" is no day, such as 2027-01-31',
  ],
  [
    "policy: { extends: postmaster-2026, deny: [{ file: missing.txt }] }",
    "1:52",
    'policy.deny[0].file: "missing.txt" does not exist',
  ],
  [
    "policy: { extends: postmaster-2026, deny: [{ file: a.txt, helo: a.example }] }",
    "1:44",
    "policy.deny[0]: an entry has a file or conditions of its own, not both",
  ],
  [
    'policy: { extends: postmaster-2026, allow: [{ senderDomain: "*" }] }',
    "1:61",
    'policy.allow[0].senderDomain: "*" is no domain name, such as example.c',
  ],
  [
    "policy: { extends: postmaster-2026, allow: [{ sender: example.org }] }",
    "1:55",
    'policy.allow[0].sender: "example.org" is no address, such as a@example',
  ],
  [
    "policy: { extends: postmaster-2026, recipients: [{ to: a@example.org }] }",
    "1:50",
    "policy.recipients[0].mode: is missing",
  ],
  [
    'policy: { extends: postmaster-2026, recipients: [{ to: "*@example.org", mode: junk }] }',
    "1:56",
    'policy.recipients[0].to: "*@example.org" is no address, such as a@exam',
  ],
  [
    "policy:\n  extends: postmaster-2026\n  expect:\n    - { name: a, case: {}, verdict: refuse }",
    "4:37",
    'policy.expect[0].verdict: "refuse" is none of accept, junk, tempfail,',
  ],
  [
    "policy:\n  extends: postmaster-2026\n  expect:\n    - { name: a, case: {}, verdict: { action: reject, rule: rdns.no } }",
    "4:61",
    'policy.expect[0].verdict.rule: "rdns.no" is none of client.denied, hel',
  ],
  [
    "policy:\n  extends: postmaster-2026\n  expect:\n    - { name: a, verdict: accept }",
    "4:7",
    "policy.expect[0].case: is missing",
  ],
  [
    "policy:\n  extends: postmaster-2026\n  expect:\n    - { name: a, config: { mod: junk }, case: {}, verdict: accept }",
    "4:28",
    "policy.expect[0].config.mod: is no known key, did you mean mode?",
  ],
  [
    "policy:\n  extends: postmaster-2026\n  expect:\n    - { name: a, config: { policy: poolp-2019 }, case: {}, verdict: accept }",
    "4:28",
    "policy.expect[0].config.policy: an example is tried with the policy it",
  ],
  ["policy: 7", "1:9", "policy: 7 is no text (numbers, and words such as true, need quotes to"],
  [
    "forwarders: [{}]",
    "1:14",
    "forwarders[0]: a forwarder has one of two keys: { client: 198.51.100.7",
  ],
  [
    "forwarders: [{ client: 192.0.2.1, arcSealer: a.example }]",
    "1:14",
    "forwarders[0]: a forwarder has one of two keys: { client: 198.51.100.7",
  ],
  [
    "submission: { ports: [0] }",
    "1:23",
    "submission.ports[0]: 0 is no whole number from 1 to 65535",
  ],
  [
    'submission: { daemonNames: ["a b"] }',
    "1:29",
    'submission.daemonNames[0]: "a b" is no name of a daemon, such as ORIGI',
  ],
  [
    "scores: [score.senderscore.com]",
    "1:10",
    'scores[0]: "score.senderscore.com" is no map of keys and values',
  ],
  [
    'lists: [{ zone: a.example, operator: a, codes: { "127.0.0.300": sbl } }]',
    "1:50",
    'lists[0].codes.127.0.0.300: "127.0.0.300" is no answer of a list, such',
  ],
  [
    'lists: [{ zone: a.example, operator: a, codes: { "127.255.255.*": sbl } }]',
    "1:50",
    'lists[0].codes.127.255.255.*: "127.255.255.*" reaches into 127.255.255',
  ],
  [
    'lists: [{ zone: a.example, operator: a, codes: { "10.0.0.2": sbl } }]',
    "1:50",
    'lists[0].codes.10.0.0.2: "10.0.0.2" is not in 127.0.0.0/8, as answers',
  ],
  [
    'lists: [{ zone: a.example, operator: a, codes: { "127.0.0.2": S B } }]',
    "1:63",
    'lists[0].codes.127.0.0.2: "S B" is no label: a label is a word of smal',
  ],
  ["lists: [{ zone: a.example, codes: {} }]", "1:9", "lists[0].operator: is missing"],
  ['user: "a b"', "1:7", 'user: "a b" is no name of a user or group'],
  ["onFailure: reject", "1:12", 'onFailure: "reject" is none of accept, tempfail'],
  ["onDnsDown: true", "1:12", "onDnsDown: true is none of accept, tempfail"],
  [
    "limits: { connections: 0 }",
    "1:24",
    "limits.connections: 0 is no whole number from 1 to 10000",
  ],
  [
    "limits: { messageDeadlineMs: 1.5 }",
    "1:30",
    "limits.messageDeadlineMs: 1.5 is no whole number from 1000 to 300000",
  ],
  ["__proto__: { mode: junk }", "1:1", '"__proto__" cannot be a key'],
  [
    "constructor: 1",
    "1:1",
    "constructor: is no known key, allowed are listen, state, dns, authserv",
  ],
  [
    "policy: { extends: postmaster-2026, weights: { __proto__: 1 } }",
    "1:48",
    '"__proto__" cannot be a key',
  ],
  [
    "policy: { extends: postmaster-2026, weights: { toString: 1 } }",
    "1:48",
    "policy.weights.toString: is no known rule, allowed are client.denied,",
  ],
  ["mode: junk\n---\nmode: observe", "2:1", "a second document begins here: one file holds one"],
  ["mode: [junk", "1:12", "the indentation is wrong here, or a bracket before it is not closed"],
  ["\tmode: junk", "1:1", "YAML does not allow tabs as indentation: use blanks"],
  ["mode: !!js/function junk", "1:7", "tags (!) are not used here: write the plain value"],
  ["mode: *nowhere", "1:7", "*nowhere is no anchor of this file"],
  ["? [a]\n: b", "1:3", "a key is a word, not a list, a map or an alias"],
  ["- mode", "1:1", "this list is no map of keys and values"],
  ["just text", "1:1", '"just text" is no map of keys and values'],
];

for (const [yaml, place, says] of broken) {
  test(`loadConfig: refuses ${JSON.stringify(yaml)}`, () => {
    writeFileSync(join(cwd, "postern.yaml"), yaml);
    assert.throws(
      () => loadConfig({ cwd, hostname: "mx.example.org" }),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        const [first = ""] = error.message.split("\n");
        assert.equal(
          first.slice(0, `postern.yaml:${place}: ${says}`.length),
          `postern.yaml:${place}: ${says}`,
        );
        return true;
      },
    );
  });
}
