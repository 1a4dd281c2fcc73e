import assert from "node:assert/strict";
import { test } from "node:test";
import { EVIDENCE_KINDS } from "@postern/filter-core";
import { assertRefused, type Broken } from "./testing/refused.ts";
import { withConfig } from "./testing/with-config.ts";

test("reputation: the default policy weighs and caps every kind of evidence", () =>
  withConfig("", ({ policy: { reputation } }) => {
    assert.equal(reputation?.halfLifeDays, 30);
    for (const kind of EVIDENCE_KINDS) {
      assert.ok((reputation?.weights[kind] ?? 0) > 0, kind);
      assert.ok((reputation?.dailyCaps[kind] ?? 0) > 0, kind);
    }
    assert.ok((reputation?.sharedPools.length ?? 0) > 10);
  }));

test("reputation: the longest good record that can be earned does not outweigh fifty marks of spam", () =>
  withConfig("", ({ policy: { reputation } }) => {
    assert.ok(reputation);
    const { dailyCaps, weights, halfLifeDays } = reputation;
    const longest = (dailyCaps.clean * weights.clean) / (1 - 2 ** (-1 / halfLifeDays));
    assert.ok(dailyCaps.markedSpam >= 50 && 50 * weights.markedSpam > longest);
  }));

test("reputation: a key of one's own leaves the others as they were; a list of pools replaces the inherited one", () =>
  withConfig(
    'policy: { extends: postmaster-2026, reputation: { halfLifeDays: 14, weights: { markedSpam: 50 }, sharedPools: [192.0.2.0/24, Pool.example, "2001:db8::/32"] } }',
    ({ policy: { reputation } }) => {
      assert.equal(reputation?.halfLifeDays, 14);
      assert.deepEqual([reputation?.weights.markedSpam, reputation?.weights.clean], [50, 1]);
      assert.deepEqual(
        reputation?.sharedPools.map((pool) =>
          pool.by === "network" ? pool.network.text : pool.domain,
        ),
        ["192.0.2.0/24", "pool.example", "2001:db8::/32"],
      );
    },
  ));

test("reputation: off is off, and so it is in poolp-2019", async () => {
  await withConfig("policy: { extends: postmaster-2026, reputation: off }", ({ policy }) =>
    assert.equal(policy.reputation, undefined),
  );
  await withConfig("policy: poolp-2019", ({ policy }) =>
    assert.equal(policy.reputation, undefined),
  );
});

const broken: readonly (readonly [string, ...Broken])[] = [
  [
    "half-life",
    "policy: { reputation: { halfLifeDays: 1 } }",
    "1:39",
    "policy.reputation.halfLifeDays: must be a whole number from",
  ],
  [
    "kind",
    "policy: { reputation: { weights: { spam: 1 } } }",
    "1:36",
    "unknown kind in policy.reputation.weights: spam (known: clean,",
  ],
  [
    "weight",
    "policy: { reputation: { weights: { clean: -1 } } }",
    "1:43",
    "policy.reputation.weights.clean: must be a number from 0 to",
  ],
  [
    "pool",
    "policy: { reputation: { sharedPools: [a b] } }",
    "1:39",
    "policy.reputation.sharedPools[0]: must be a domain name or a",
  ],
  ["word", "policy: { reputation: on }", "1:23", 'policy.reputation: "on" is not one of off'],
  [
    "a deferral for good",
    'policy: { extends: postmaster-2026, rules: { defer.once: { reply: "550 no" } } }',
    "1:46",
    "policy.rules.defer.once: must be a hard rule with a reply of",
  ],
];
for (const [name, ...one] of broken) {
  test(`reputation: refuses another ${name}`, () => assertRefused(one));
}
