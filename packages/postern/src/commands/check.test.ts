import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { parseDnsScript, scriptedResolver } from "@postern/dns";
import { thisMachine } from "../check/machine.ts";
import type { Config } from "../config/config-types.ts";
import { withConfig } from "../config/testing/with-config.ts";
import { manualTimer } from "../daemon/testing/manual-timer.ts";
import { type CheckReport, check } from "./check.ts";
import { openInputs } from "./inputs.ts";
import { tryOne } from "./try.ts";

const KEY = "abcdefghij0123456789klmnop";
const OWN = `policy:
  extends: postmaster-2026
  weights:
    rdns.mismatch: 5
  credits: { lists.dnswl-hi: 3 }
  deny: [{ client: 203.0.113.0/24 }]
`;

const NO_SYSTEM = { servers: [], behindResolved: [] };
const probe = async () => "answers" as const;

const offline = (config: Config): Promise<CheckReport> =>
  check(config, {
    ...{ openDns: null, hostname: "mx.example.org", system: NO_SYSTEM },
    machine: { ...thisMachine, logins: () => 0 },
  });

const linesOf = ({ all }: CheckReport): readonly string[] => all.split("\n");

test("check: the effective policy in 120 columns, with what was set where", () =>
  withConfig(OWN, async (config) => {
    const lines = linesOf(await offline(config));
    const table = lines.slice(lines.indexOf("") + 1).filter((line) => !/^\w+: /.test(line));
    assert.ok(table.every((line) => line.length <= 120));
    const row = (id: string): string => table.find((line) => line.startsWith(`${id} `)) ?? "";
    assert.match(
      row("rdns.mismatch"),
      /^rdns\.mismatch +final +rdns \(10\) +5 .* postern\.yaml:4$/,
    );
    assert.match(row("rdns.none"), / 10 .* postmaster-2026$/);
    assert.match(row("dmarc.reject"), / auth \(6, own 10\) /);
    assert.match(row("score.low"), / <10: 10 /);
    assert.match(row("helo.ours"), / hard +helo \(5\) +- +550 5\.7\.1 that is my name, not yours/);
  }));

test("check: says by default only what needs doing", () =>
  withConfig("authservId: mx.example.net", async (config) => {
    const { text } = await offline({ ...config, expectations: config.expectations.slice(0, 2) });
    assert.ok(text.split("\n").length < 10, text);
    assert.doesNotMatch(text, /hint: |rdns\.none/);
    assert.match(text, /\nstate: memory:\n/);
    assert.match(text, /\n2 of 2 examples hold; nothing needs doing\n/);
  }));

test("check: a deny entry that inherited examples meet is no reason for a word", () => {
  const yaml = "policy: { extends: postmaster-2026, deny: [{ client: 192.0.2.0/24 }] }";
  return withConfig("mode: observe", async (plain) => {
    const { text: before } = await offline(plain);
    const held = /(\d+ of \d+) examples hold/.exec(before)?.[1] ?? assert.fail(before);
    await withConfig(yaml, async (config) =>
      assert.match((await offline(config)).text, new RegExp(`\n${held} examples hold`)),
    );
  });
});

test("check: inherited examples that a weight changes are one warning; --all has each", () =>
  withConfig("policy: { extends: postmaster-2026, weights: { rdns.none: 0 } }", async (config) => {
    const { text, all, isGood } = await offline(config);
    assert.match(text, /\nwarning: \d+ inherited examples? comes? out differently/);
    assert.doesNotMatch(text, /the example "/);
    assert.match(all, /\nwarning: .* the example "no reverse name" gives /);
    assert.equal(isGood, true);
  }));

test("check --json: has a stable shape", () =>
  withConfig("mode: observe", async (config) => {
    const { json } = await offline(config);
    const { remarks, examples, ...rest } = JSON.parse(JSON.stringify(json));
    assert.deepEqual(rest, {
      isGood: true,
      file: config.file,
      policy: "postmaster-2026",
      mode: "observe",
      refuseAt: "rcpt",
      listen: [{ protocol: "milter", address: "inet:127.0.0.1:8891" }],
      state: "memory:",
    });
    assert.deepEqual(Object.keys(examples), ["count", "held"]);
    for (const remark of remarks) assert.deepEqual(Object.keys(remark), ["level", "text"]);
  }));

test("check: credits, caps and entries", () =>
  withConfig(OWN, async (config) => {
    const { all: text } = await offline(config);
    assert.match(text, /\nlists\.dnswl-hi +3 +postern\.yaml:5\n/);
    assert.match(text, /\nlists\.dnswl-med +2 +postmaster-2026\n/);
    assert.match(text, /\nall credit +counts 8 at most\n/);
    assert.match(text, /\none operator's lists +count 8 at most\n/);
    assert.match(text, /\ndeny +1 entry\n/);
  }));

test("check: rules that no example shows, in one line", () =>
  withConfig(OWN, async (config) => {
    const hints = linesOf(await offline(config)).filter((line) => line.startsWith("hint: "));
    const [hint = ""] = hints;
    assert.equal(hints.length, 1);
    assert.match(hint, /^hint: no example of the policy triggers these rules: client\.denied, /);
    assert.doesNotMatch(hint, /rdns\.none|probing/);
  }));

test("check: an example of one's own is an error, and shows its rule at work", () => {
  const example = `${OWN}  expect: [{ name: denied, case: { client: { ip: 203.0.113.1 }, dns: {} }, verdict: accept }]\n`;
  return withConfig(example, async (config) => {
    const report = await offline(config);
    assert.equal(report.isGood, false);
    assert.match(
      report.text,
      /\nerror: postern\.yaml:7: the example "denied" gives reject by client/,
    );
    assert.doesNotMatch(report.text, /these rules: client\.denied/);
  });
});

test("check: two listeners on one address are an error", () =>
  withConfig("listen: { milter: [inet:127.0.0.1:1, inet:127.0.0.1:1] }", async (config) => {
    assert.equal((await offline(config)).isGood, false);
  }));

test("check: zones are tested over the DNS it opens, which it closes", () =>
  withConfig("scores: [{ zone: score.example }]", async (config) => {
    let closed = 0;
    const { ask } = scriptedResolver(
      parseDnsScript({ "2.0.0.127.score.example": { A: ["127.255.255.255"] } }),
    );
    const close = (): void => {
      closed += 1;
    };
    const openDns = () => ({ ask, close, probe });
    const { text, isGood } = await check(config, {
      openDns,
      clock: manualTimer(),
      system: NO_SYSTEM,
    });
    assert.match(text, /\nwarning: score\.example refuses this resolver/);
    assert.deepEqual([isGood, closed], [true, 1]);
  }));

test("check: without DNS no zone is asked", () =>
  withConfig("scores: [{ zone: score.example }]", async (config) => {
    assert.doesNotMatch((await offline(config)).text, /score\.example (?:refuses|does)|could be/);
  }));

for (const list of [`zone: zen.dq.spamhaus.net, key: ${KEY}`, `zone: ${KEY}.zen.dq.spamhaus.net`]) {
  const yaml = `lists: [{ ${list}, operator: spamhaus, codes: { "127.0.0.2": sbl } }]`;
  const script = {
    [`2.0.0.127.${KEY}.zen.dq.spamhaus.net`]: "timeout",
    [`1.2.0.192.${KEY}.zen.dq.spamhaus.net`]: { A: ["127.0.0.2"] },
  };

  test(`check: says nowhere what the key of a list is: ${list.slice(0, 12)}`, () =>
    withConfig(yaml, async (config) => {
      const { ask } = scriptedResolver(parseDnsScript(script));
      const openDns = () => ({ ask, probe, close() {} });
      const { all: text } = await check(config, {
        openDns,
        clock: manualTimer(),
        system: NO_SYSTEM,
      });
      assert.match(text, /\nzen\.dq\.spamhaus\.net \(with a key\) /);
      assert.doesNotMatch(text, new RegExp(KEY, "i"));
    }));

  test(`try: says nowhere what the key of a list is: ${list.slice(0, 12)}`, () =>
    withConfig(yaml, async (config, folder) => {
      const zone = `${folder}/zone.json`;
      writeFileSync(zone, JSON.stringify(script));
      for (const json of [true, false]) {
        const text = await tryOne(
          config,
          { ip: "192.0.2.1", dns: zone, json },
          undefined,
          openInputs(process.stdin, folder),
        );
        assert.match(text, /192\.0\.2\.1 is listed as sbl at zen\.dq\.spamhaus\.net/);
        assert.doesNotMatch(text, new RegExp(KEY, "i"));
      }
    }));
}

test("check: a dead resolver is one warning, and the zones are not named again", () =>
  withConfig("scores: [{ zone: score.example }]", async (config) => {
    const { ask } = scriptedResolver(parseDnsScript({ "2.0.0.127.score.example": "timeout" }));
    const openDns = () => ({ ask, probe: async () => "silent" as const, close() {} });
    const { text, isGood } = await check(config, {
      openDns,
      clock: manualTimer(),
      system: { servers: ["127.0.0.1"], behindResolved: [] },
    });
    assert.match(text, /\nwarning: the resolver \(127\.0\.0\.1\) does not answer: /);
    assert.doesNotMatch(text, /score\.example/);
    assert.equal(isGood, true);
  }));
