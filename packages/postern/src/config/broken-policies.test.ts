import { test } from "node:test";
import { assertRefused, type Broken } from "./testing/refused.ts";

const broken: readonly Broken[] = [
  ["policy: postmaster-2062", "1:9", 'policy: "postmaster-2062" is not a policy (did you mean'],
  ["policy: ./missing.yaml", "1:9", 'policy: "./missing.yaml" does not exist'],
  ["policy: { refuseAt: mail }", "1:9", "policy: extends is missing: name the policy"],
  [
    "policy: { extends: postmaster-2026, refuseAt: message }",
    "1:47",
    'policy.refuseAt: "message" is not one of connect, helo, mail,',
  ],
  [
    "policy: { extends: postmaster-2026, weights: { tls.non: 0 } }",
    "1:48",
    "unknown rule in policy.weights: tls.non (did you mean tls.none?)",
  ],
  [
    "policy: { extends: postmaster-2026, weights: { tls.none: 101 } }",
    "1:58",
    "policy.weights.tls.none: must be a number from 0 to 100, not 101",
  ],
  [
    "policy: { extends: postmaster-2026, weights: { helo.ours: 5 } }",
    "1:48",
    "policy.weights.helo.ours: is a hard rule, which has no debt:",
  ],
  [
    "policy: { extends: postmaster-2026, weights: { score.low: 5 } }",
    "1:48",
    "policy.weights.score.low: needs tiers such as [{ below: 10,",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { rdns.none: { debt: 1 } }, weights: { rdns.none: 2 } }",
    "1:83",
    "policy.weights.rdns.none: rules.rdns.none already has a debt:",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { rdns.none: { tiers: [{ below: 5, debt: 1 }] } } }",
    "1:46",
    "policy.rules.rdns.none: cannot have tiers: give it a debt (only",
  ],
  [
    'policy: { extends: postmaster-2026, rules: { rdns.none: { reply: "421 go" } } }',
    "1:46",
    "policy.rules.rdns.none: is a final rule, and its reply 421",
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
    'policy.rules.rdns.none.kind: "soft" is not one of hard, final,',
  ],
  [
    "policy: { extends: postmaster-2026, rules: { score.low: { kind: hard } } }",
    "1:46",
    "policy.rules.score.low: is a hard rule, which has no debts:",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { helo.ours: { cap: 5 } } }",
    "1:46",
    "policy.rules.helo.ours: has no debts: remove its cap, which",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { rdns.none: { cap: 101 } } }",
    "1:64",
    "policy.rules.rdns.none.cap: must be a number from 0 to 100, not",
  ],
  [
    'policy: { extends: postmaster-2026, rules: { dmarc.reject: { reply: "451 later" } } }',
    "1:46",
    "policy.rules.dmarc.reject: is a weighed rule, and its reply 451",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { score.low: { tiers: [{ below: 5 }] } } }",
    "1:67",
    "policy.rules.score.low.tiers[0]: a tier needs either debt or",
  ],
  [
    "policy: { extends: postmaster-2026, rules: { score.low: { tiers: [] } } }",
    "1:66",
    "policy.rules.score.low.tiers: is empty: add a tier, or set",
  ],
  [
    "policy: { extends: postmaster-2026, junkBelow: 5, rules: { score.low: { tiers: [{ below: 5, debt: 1 }] } } }",
    "1:37",
    "policy.junkBelow: rules.score.low already has tiers: remove",
  ],
  [
    "policy: { extends: postmaster-2026, thresholds: { junk: 11 } }",
    "1:37",
    "policy.thresholds: junk (11) must not be greater than reject",
  ],
  [
    "policy: { extends: postmaster-2026, thresholds: { reject: 3 } }",
    "1:37",
    "policy.thresholds: junk (6) must not be greater than reject (3)",
  ],
  [
    "policy: { extends: postmaster-2026, caps: { rdn: 3 } }",
    "1:45",
    "unknown group in policy.caps: rdn (did you mean rdns?)",
  ],
  [
    "policy: { extends: postmaster-2026, deny: [{ until: 2027-01-31 }] }",
    "1:44",
    "policy.deny[0]: an entry needs a condition (client,",
  ],
  [
    "policy: { extends: postmaster-2026, deny: [{ client: 192.0.2.1, until: 2027-02-30 }] }",
    "1:72",
    "policy.deny[0].until: must be a date such as 2027-01-31, not",
  ],
  [
    "policy: { extends: postmaster-2026, deny: [{ file: missing.txt }] }",
    "1:52",
    'policy.deny[0].file: "missing.txt" does not',
  ],
  [
    "policy: { extends: postmaster-2026, deny: [{ file: a.txt, helo: a.example }] }",
    "1:44",
    "policy.deny[0]: an entry has either a file or conditions of its",
  ],
  [
    'policy: { extends: postmaster-2026, allow: [{ senderDomain: "*" }] }',
    "1:61",
    "policy.allow[0].senderDomain: must be a domain name such as",
  ],
  [
    "policy: { extends: postmaster-2026, allow: [{ sender: example.org }] }",
    "1:55",
    "policy.allow[0].sender: must be a mail address such as",
  ],
  [
    "policy: { extends: postmaster-2026, recipients: [{ to: a@example.org }] }",
    "1:50",
    "policy.recipients[0].mode: is missing",
  ],
  [
    'policy: { extends: postmaster-2026, recipients: [{ to: "*@example.org", mode: junk }] }',
    "1:56",
    "policy.recipients[0].to: must be a mail address such as",
  ],
  [
    "policy:\n  extends: postmaster-2026\n  expect:\n    - { name: a, case: {}, verdict: refuse }",
    "4:37",
    'policy.expect[0].verdict: "refuse" is not one of accept, junk,',
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
    "unknown key in policy.expect[0].config: mod (did you mean mode?)",
  ],
  [
    "policy:\n  extends: postmaster-2026\n  expect:\n    - { name: a, config: { policy: poolp-2019 }, case: {}, verdict: accept }",
    "4:28",
    "policy.expect[0].config.policy: remove this key: an example is",
  ],
  ["policy: 7", "1:9", "policy: must be text (put quotes around a number or a word such"],
  [
    "policy: { extends: postmaster-2026, weights: { __proto__: 1 } }",
    "1:48",
    '"__proto__" cannot be a key',
  ],
  [
    "policy: { extends: postmaster-2026, weights: { toString: 1 } }",
    "1:48",
    "unknown rule in policy.weights: toString (known: client.denied,",
  ],
];
for (const row of broken) {
  test(`loadConfig: refuses ${JSON.stringify(row[0])}`, () => assertRefused(row));
}
