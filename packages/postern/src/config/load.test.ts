import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { rules } from "@postern/filter-core";
import fc from "fast-check";
import { ConfigError } from "./config-error.ts";
import type { Config } from "./config-types.ts";
import { loadConfig, testConfig } from "./load.ts";

const cwd = mkdtempSync(join(tmpdir(), "postern-config-"));
after(() => rmSync(cwd, { recursive: true }));

async function load(yaml: string, files: Readonly<Record<string, string>> = {}): Promise<Config> {
  for (const [name, text] of Object.entries({ ...files, "postern.yaml": yaml }))
    writeFileSync(join(cwd, name), text);
  return await loadConfig({ cwd, systemFile: null, hostname: "host.example.org" });
}

const over = async (keys: string): Promise<Config["policy"]> =>
  (await load(`policy: { extends: postmaster-2026, ${keys} }`)).policy;

test("loadConfig: an empty file gives the defaults", async () => {
  const config = await load("");
  assert.deepEqual(config.listen, {
    milter: [{ kind: "inet", host: "127.0.0.1", port: 8891, allowRemote: [] }],
    exim: [],
    learn: [],
  });
  assert.equal(config.authservId, "host.example.org");
  assert.deepEqual(
    config.trusted.map(({ text }) => text),
    ["127.0.0.0/8", "::1/128"],
  );
  assert.deepEqual(config.dns, { servers: null, timeoutMs: 2000, probe: "." });
  assert.equal(config.policy.name, "postmaster-2026");
  assert.equal(config.policy.mode, "enforce");
  assert.deepEqual(config.state, { kind: "memory" });
});

test("loadConfig: a file that is named must be there", async () => {
  await assert.rejects(
    () => loadConfig({ file: "no.yaml", cwd, systemFile: null, hostname: "a.example" }),
    {
      message: "no.yaml: does not exist",
    },
  );
});

test("loadConfig: postmaster-2026 weighs every rule there is, but that of the article alone", async () => {
  const { policy, policySources } = await load("");
  const weighed = rules.filter(({ id }) => id !== "dkim.body-changed");
  assert.deepEqual(
    Object.keys(policy.rules),
    weighed.map(({ id }) => id),
  );
  assert.ok(weighed.every(({ id, kind }) => policy.rules[id]?.kind === kind));
  assert.equal(policy.rules["dmarc.reject"]?.cap, 10);
  assert.equal(policySources.get("rdns.none"), "postmaster-2026");
});

test("loadConfig: poolp-2019 is hard, slow and literal", async () => {
  const { policy } = await load("policy: poolp-2019");
  assert.ok(Object.values(policy.rules).every(({ kind }) => kind === "hard"));
  assert.deepEqual(policy.rules["score.low"]?.tiers, [
    { below: 10, action: "reject" },
    { below: 70, action: "junk" },
  ]);
  assert.equal(policy.rules["score.low"]?.tellAt, "connect");
  assert.equal(policy.allowCancels, "rules");
  assert.equal(policy.slowFactorMs, 5000);
  assert.equal(policy.rules["rdns.none"]?.reply.code, 421);
});

test("merging: a field of one's own leaves the others as they are", async () => {
  const inherited = (await load("")).policy.rules["rdns.none"];
  const own = (await over("weights: { rdns.none: 7 }")).rules["rdns.none"];
  assert.deepEqual(own, { ...inherited, debt: 7 });
});

test("merging: debt 0 switches any rule off", async () => {
  const { rules: left } = await over("weights: { helo.ours: 0, score.low: 0, tls.none: 0 }");
  assert.deepEqual(
    [left["helo.ours"], left["score.low"], left["tls.none"]],
    [undefined, undefined, undefined],
  );
});

test("merging: a rule made hard loses the debt it inherits", async () => {
  const rule = (await over("rules: { rdns.none: { kind: hard, reply: 421 go } }")).rules[
    "rdns.none"
  ];
  assert.equal(rule?.kind, "hard");
  assert.equal(rule?.debt, 0);
});

test("merging: a cap is inherited, changed, and lost with the debt", async () => {
  const capOf = async (id: string, own: string) =>
    (await over(`rules: { ${id}: ${own} }`)).rules[id]?.cap;
  assert.equal(await capOf("dmarc.reject", "{ debt: 7 }"), 10);
  assert.equal(await capOf("dmarc.reject", "{ cap: 12 }"), 12);
  assert.equal(await capOf("dmarc.reject", "{ kind: hard }"), undefined);
  assert.equal(await capOf("auth.none", "{ cap: 8 }"), 8);
});

for (const [yaml, milter, exim] of [
  ["mode: observe", 1, 0],
  ["listen: {}", 1, 0],
  ["listen: { exim: inet:127.0.0.1:8892 }", 0, 1],
  ["listen: { milter: [], exim: inet:127.0.0.1:8892 }", 0, 1],
  ["listen: { milter: [] }", 0, 0],
  ["listen: { milter: [inet:127.0.0.1:1, inet:127.0.0.1:2] }", 2, 0],
] as const) {
  test(`listen: what is named is opened, and nothing else: ${yaml}`, async () => {
    const { listen } = await load(yaml);
    assert.deepEqual([listen.milter.length, listen.exim.length], [milter, exim]);
  });
}

test("merging: junkBelow alone keeps the inherited blockBelow", async () => {
  const { policy } = await load("policy: { extends: poolp-2019, junkBelow: 50 }");
  assert.deepEqual(policy.rules["score.low"]?.tiers, [
    { below: 10, action: "reject" },
    { below: 50, action: "junk" },
  ]);
});

test("merging: tiers of one's own replace an inherited shorthand", async () => {
  const tiers = "rules: { score.low: { kind: final, tiers: [{ below: 9, debt: 3 }] } }";
  const { policy } = await load(`policy: { extends: poolp-2019, ${tiers} }`);
  assert.deepEqual(policy.rules["score.low"]?.tiers, [{ below: 9, debt: 3 }]);
});

test("merging: entries and examples of one's own come first", async () => {
  const base = "deny: [{ helo: base.example }]\nexpect: [{ name: b, case: {}, verdict: accept }]";
  const { policy, expectations } = await load(
    "policy:\n  extends: base.yaml\n  deny: [{ client: 192.0.2.0/24, until: 2027-01-31 }]\n  expect: [{ name: a, case: {}, verdict: [junk, { action: reject, rule: rdns.none }] }]",
    { "base.yaml": base },
  );
  assert.deepEqual(
    policy.deny.map(({ text }) => text),
    ["client 192.0.2.0/24 until 2027-01-31", "helo base.example"],
  );
  assert.equal(policy.rules["client.denied"]?.kind, "hard");
  assert.deepEqual(
    expectations.map(({ name, origin, place }) => [name, origin, place]),
    [
      ["a", "own", "postern.yaml:4"],
      ["b", "inherited", "base.yaml:2"],
    ],
  );
  assert.deepEqual(expectations[0]?.allowed, [
    { action: "junk" },
    { action: "reject", rule: "rdns.none" },
  ]);
});

test("policySources: names the line that set a weight", async () => {
  const { policySources } = await load(
    "policy:\n  extends: poolp-2019\n  weights:\n    rdns.none: 0",
  );
  assert.equal(policySources.get("rdns.none"), "postern.yaml:4");
});

test("entries: a file holds one a line, and a bad line has its place", async () => {
  const yaml = "policy: { extends: postmaster-2026, allow: [{ file: allow.txt }] }";
  const list = "# ours\n192.0.2.0/24\na@b.example # Ann\n*.c.example\nd.example\n";
  const { allow } = (await load(yaml, { "allow.txt": list })).policy;
  assert.deepEqual(
    allow.map(({ text }) => text),
    [
      "client 192.0.2.0/24 (allow.txt:2)",
      "sender a@b.example (allow.txt:3)",
      "senderDomain *.c.example (allow.txt:4)",
      "senderDomain d.example (allow.txt:5)",
    ],
  );
  await assert.rejects(
    () => load(yaml, { "allow.txt": "\n  not good\n" }),
    /^ConfigError: allow.txt:2:3: /,
  );
});

test("watchedFiles: every file of entries, of inherited policies too, and no other file", async () => {
  const entries = { "base-deny.txt": "", "allow.txt": "", "to.txt": "" };
  const base = "extends: postmaster-2026\ndeny: [{ file: base-deny.txt }]";
  const { watchedFiles } = await load(
    "policy: { extends: base.yaml, allow: [{ file: allow.txt }], deny: [{ file: base-deny.txt }], recipients: [{ file: to.txt, mode: junk }] }",
    { ...entries, "base.yaml": base },
  );
  const names = ["allow.txt", "base-deny.txt", "to.txt"];
  assert.deepEqual(
    watchedFiles.toSorted(),
    names.map((name) => join(cwd, name)),
  );
});

test("entries: names and addresses outside ASCII become what a client sends", async () => {
  const { deny, recipients } = await over(
    "deny: [{ senderDomain: bücher.example }], recipients: [{ to: jürgen@example.org, mode: junk }]",
  );
  assert.deepEqual(deny[0]?.selectors, [
    { by: "senderDomain", domain: { name: "xn--bcher-kva.example", scope: "itself" } },
  ]);
  assert.deepEqual(recipients[0]?.selectors, [
    { by: "recipient", address: "j\u00c3\u00bcrgen@example.org" },
  ]);
});

test("extends: a policy that comes back to itself is refused", async () => {
  const files = { "a.yaml": "extends: b.yaml", "b.yaml": "extends: a.yaml" };
  await assert.rejects(() => load("policy: a.yaml", files), /extends itself/);
});

test("testConfig: fixed values, and the keys of the example over them", async () => {
  const { policy } = await load("mode: junk");
  const config = testConfig({ localDomains: ["example.org"] }, policy);
  assert.equal(config.authservId, "mx.example.org");
  assert.deepEqual(config.localDomains, ["example.org"]);
  assert.deepEqual(config.scores, ["score.senderscore.com"]);
  assert.throws(() => testConfig({ mod: "junk" }, policy), ConfigError);
});

test("loadConfig: any text gives a configuration or a ConfigError, and pollutes nothing", async () => {
  const word = fc.constantFrom(
    ..."mode policy listen trusted rules extends weights deny expect __proto__ constructor".split(
      " ",
    ),
    ..."postmaster-2026 :: [ ] { } , : - ? & * ! | > ' # % @".split(" "),
    "\n",
    "\n  ",
    ": ",
    '"',
    "\t",
    "&a ",
    "*a ",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(word).map((all) => all.join("")),
  );
  await fc.assert(
    fc.asyncProperty(text, async (yaml) => {
      try {
        await load(yaml);
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
      }
      assert.equal(Object.keys(Object.prototype).length, 0);
    }),
    { seed: 20261124, numRuns: 400 },
  );
});
