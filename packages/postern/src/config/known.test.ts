import assert from "node:assert/strict";
import { test } from "node:test";
import type { KnownNames, SharedPool } from "@postern/filter-core";
import { assertRefused, type Broken } from "./testing/refused.ts";
import { withConfig } from "./testing/with-config.ts";

function known(policy: { readonly known?: KnownNames }): KnownNames {
  return policy.known ?? assert.fail("the policy knows no names");
}

function texts(pools: readonly SharedPool[]): readonly string[] {
  return pools.map((pool) => (pool.by === "network" ? pool.network.text : pool.domain));
}

test("known: the default policy knows names of every kind, and so does poolp-2019", async () => {
  for (const yaml of ["", "policy: poolp-2019"]) {
    await withConfig(yaml, ({ policy }) => {
      for (const [list, names] of Object.entries(known(policy)))
        assert.ok(names.length >= 5, `${list}: ${names.length}`);
    });
  }
});

test("known: a list adds to the inherited one, and takes names out", () =>
  withConfig(
    'policy: { extends: postmaster-2026, known: { freeTenants: [Pages.example, "!web.app"], staticNames: ["x-N.*.example"] } }',
    ({ policy }) => {
      const { freeTenants, staticNames } = known(policy);
      assert.ok((freeTenants as readonly string[]).includes("pages.example"));
      assert.ok((freeTenants as readonly string[]).includes("github.io"));
      assert.ok(!(freeTenants as readonly string[]).includes("web.app"));
      assert.equal(staticNames.at(-1)?.text, "x-N.*.example");
      assert.ok(staticNames.length > 5);
    },
  ));

test("known: a list may say when it was last looked through", () =>
  withConfig(
    "policy: { extends: poolp-2019, known: { freeMail: { checked: 2026-11-24, names: [mail.example] } } }",
    ({ policy }) => assert.equal(known(policy).freeMail.at(-1), "mail.example"),
  ));

test("known: shared pools are the same for rules and for reputation", async () => {
  await withConfig(
    "policy: { extends: postmaster-2026, known: { sharedPools: [pool.example] } }",
    ({ policy }) => {
      assert.ok(texts(known(policy).sharedPools).includes("pool.example"));
      assert.ok(texts(known(policy).sharedPools).includes("google.com"));
      assert.equal(policy.reputation?.sharedPools, known(policy).sharedPools);
    },
  );
  await withConfig(
    "policy: { extends: postmaster-2026, reputation: { sharedPools: [192.0.2.0/24] } }",
    ({ policy }) => assert.deepEqual(texts(known(policy).sharedPools), ["192.0.2.0/24"]),
  );
  await withConfig("policy: { extends: postmaster-2026, reputation: off }", ({ policy }) =>
    assert.ok(known(policy).sharedPools.length > 5),
  );
});

const broken: readonly (readonly [string, ...Broken])[] = [
  [
    "list",
    "policy: { known: { freeMails: [a.example] } }",
    "1:20",
    "unknown list in policy.known: freeMails (did you mean freeMail?)",
  ],
  [
    "domain",
    "policy: { known: { freeMail: [a b] } }",
    "1:31",
    "policy.known.freeMail[0]: must be a domain name such as",
  ],
  [
    "shape",
    "policy: { known: { staticNames: [UPPER.example] } }",
    "1:34",
    "policy.known.staticNames[0]: must be the shape of a name",
  ],
  [
    "neither list nor map",
    "policy: { known: { freeMail: mail.example } }",
    "1:30",
    'policy.known.freeMail: must be a list, such as [a, b], or a map of keys and values, not "mail.example"',
  ],
  [
    "date",
    "policy: { known: { freeMail: { checked: yesterday, names: [] } } }",
    "1:41",
    "policy.known.freeMail.checked: must be a date such as 2026-11-24",
  ],
  [
    "name to take out",
    'policy: { extends: postmaster-2026, known: { freeMail: ["!gmail.example"] } }',
    "1:57",
    'policy.known.freeMail[0]: "!gmail.example" takes out a name that is not in the inherited freeMail',
  ],
];
for (const [name, ...one] of broken) {
  test(`known: a wrong ${name} is refused`, () => assertRefused(one));
}
