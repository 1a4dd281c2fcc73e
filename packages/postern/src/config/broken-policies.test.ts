import { test } from "node:test";
import { assertRefused, type Broken } from "./testing/refused.ts";

const broken: readonly Broken[] = [
  ["policy: postmaster-2062", "1:9", 'policy: "postmaster-2062" is no known policy'],
  ["policy: ./missing.yaml", "1:9", 'policy: "./missing.yaml" does not exist'],
  ["policy: { refuseAt: mail }", "1:9", "policy: extends is missing: name the policy"],
  [
    "policy: { extends: postmaster-2026, refuseAt: message }",
    "1:47",
    'policy.refuseAt: "message" is none of connec',
  ],
  [
    "policy: { extends: postmaster-2026, weights: { tls.non: 0 } }",
    "1:48",
    "policy.weights.tls.non: is no known rule, di",
  ],
  [
    "policy: { extends: postmaster-2026, weights: { tls.none: 101 } }",
    "1:58",
    "policy.weights.tls.none: 101 is no number fr",
  ],
  [
    "policy: { extends: postmaster-2026, weights: { helo.ours: 5 } }",
    "1:48",
    "policy.weights.helo.ours: it is a hard rule,",
  ],
  [
    "policy: { extends: postmaster-2026, weights: { score.low: 5 } }",
    "1:48",
    "policy.weights.score.low: it measures, so it",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { rdns.none: { debt: 1 } }, weights: { rdns.none: 2 } }",
    "1:83",
    "policy.weights.rdns.none: rules.rdns.none gi",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { rdns.none: { tiers: [{ below: 5, debt: 1 }] } } }",
    "1:46",
    "policy.rules.rdns.none: it measures nothing,",
  ],
  [
    'policy: { extends: postmaster-2026, rules: { rdns.none: { reply: "421 go" } } }',
    "1:46",
    "policy.rules.rdns.none: it is a final rule,",
  ],
  [
    'policy: { extends: postmaster-2026, rules: { rdns.none: { reply: "hello" } } }',
    "1:66",
    'policy.rules.rdns.none.reply: "hello" is no',
  ],
  [
    'policy: { extends: postmaster-2026, rules: { rdns.none: { reply: "550 {who}" } } }',
    "1:66",
    'policy.rules.rdns.none.reply: "550 {who}" is',
  ],
  [
    "policy: { extends: postmaster-2026, rules: { rdns.none: { kind: soft } } }",
    "1:65",
    'policy.rules.rdns.none.kind: "soft" is none',
  ],
  [
    "policy: { extends: postmaster-2026, rules: { score.low: { kind: hard } } }",
    "1:46",
    "policy.rules.score.low: it is a hard rule, w",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { helo.ours: { cap: 5 } } }",
    "1:46",
    "policy.rules.helo.ours: it has no debts, so it needs no cap",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { rdns.none: { cap: 101 } } }",
    "1:64",
    "policy.rules.rdns.none.cap: 101 is no number from 0 to 100",
  ],
  [
    'policy: { extends: postmaster-2026, rules: { dmarc.reject: { reply: "451 later" } } }',
    "1:46",
    "policy.rules.dmarc.reject: it is a weighed ru",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { score.low: { tiers: [{ below: 5 }] } } }",
    "1:67",
    "policy.rules.score.low.tiers[0]: a tier has",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { score.low: { tiers: [] } } }",
    "1:66",
    "policy.rules.score.low.tiers: there is no ti",
  ],
  [
    "policy: { extends: postmaster-2026, junkBelow: 5, rules: { score.low: { tiers: [{ below: 5, debt: 1 }] } } }",
    "1:37",
    "policy.junkBelow: rules.score.low has tiers",
  ],
  [
    "policy: { extends: postmaster-2026, thresholds: { junk: 11 } }",
    "1:37",
    "policy.thresholds: junk is 11 and reject 10:",
  ],
  [
    "policy: { extends: postmaster-2026, thresholds: { reject: 3 } }",
    "1:37",
    "policy.thresholds: junk is 6 and reject 3: j",
  ],
  [
    "policy: { extends: postmaster-2026, caps: { rdn: 3 } }",
    "1:45",
    "policy.caps.rdn: is no known group, did you",
  ],
  [
    "policy: { extends: postmaster-2026, deny: [{ until: 2027-01-31 }] }",
    "1:44",
    "policy.deny[0]: an entry needs a condition:",
  ],
  [
    "policy: { extends: postmaster-2026, deny: [{ client: 192.0.2.1, until: 2027-02-30 }] }",
    "1:72",
    'policy.deny[0].until: "2027-02-30" is no day',
  ],
  [
    "policy: { extends: postmaster-2026, deny: [{ file: missing.txt }] }",
    "1:52",
    'policy.deny[0].file: "missing.txt" does not',
  ],
  [
    "policy: { extends: postmaster-2026, deny: [{ file: a.txt, helo: a.example }] }",
    "1:44",
    "policy.deny[0]: an entry has a file or condi",
  ],
  [
    'policy: { extends: postmaster-2026, allow: [{ senderDomain: "*" }] }',
    "1:61",
    'policy.allow[0].senderDomain: "*" is no doma',
  ],
  [
    "policy: { extends: postmaster-2026, allow: [{ sender: example.org }] }",
    "1:55",
    'policy.allow[0].sender: "example.org" is no',
  ],
  [
    "policy: { extends: postmaster-2026, recipients: [{ to: a@example.org }] }",
    "1:50",
    "policy.recipients[0].mode: is missing",
  ],
  [
    'policy: { extends: postmaster-2026, recipients: [{ to: "*@example.org", mode: junk }] }',
    "1:56",
    'policy.recipients[0].to: "*@example.org" is',
  ],
  [
    "policy:\n  extends: postmaster-2026\n  expect:\n    - { name: a, case: {}, verdict: refuse }",
    "4:37",
    'policy.expect[0].verdict: "refuse" is none o',
  ],
  [
    "policy:\n  extends: postmaster-2026\n  expect:\n    - { name: a, case: {}, verdict: { action: reject, rule: rdns.no } }",
    "4:61",
    'policy.expect[0].verdict.rule: "rdns.no" is',
  ],
  [
    "policy:\n  extends: postmaster-2026\n  expect:\n    - { name: a, verdict: accept }",
    "4:7",
    "policy.expect[0].case: is missing",
  ],
  [
    "policy:\n  extends: postmaster-2026\n  expect:\n    - { name: a, config: { mod: junk }, case: {}, verdict: accept }",
    "4:28",
    "policy.expect[0].config.mod: is no known key",
  ],
  [
    "policy:\n  extends: postmaster-2026\n  expect:\n    - { name: a, config: { policy: poolp-2019 }, case: {}, verdict: accept }",
    "4:28",
    "policy.expect[0].config.policy: an example i",
  ],
  ["policy: 7", "1:9", "policy: 7 is no text (numbers, and words suc"],
  [
    "policy: { extends: postmaster-2026, weights: { __proto__: 1 } }",
    "1:48",
    '"__proto__" cannot be a key',
  ],
  [
    "policy: { extends: postmaster-2026, weights: { toString: 1 } }",
    "1:48",
    "policy.weights.toString: is no known rule, a",
  ],
];
for (const row of broken) {
  test(`loadConfig: refuses ${JSON.stringify(row[0])}`, () => assertRefused(row));
}
