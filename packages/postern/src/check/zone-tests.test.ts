import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDnsScript, type Resolver, scriptedResolver } from "@postern/dns";
import { withConfig } from "../config/testing/with-config.ts";
import { manualTimer } from "../daemon/testing/manual-timer.ts";
import { testZones } from "./zone-tests.ts";

const LIST = 'lists: [{ zone: list.example, operator: a, codes: { "127.0.0.2": sbl } }]';
const SCORE = "scores: [{ zone: score.example }]";
const KEYED = `lists: [{ zone: list.example, key: SecretKey1, operator: a, codes: { "127.0.0.2": sbl } }]`;
const timer = manualTimer();

const cases: readonly [name: string, yaml: string, dns: object, says: readonly RegExp[]][] = [
  ["a list that works", LIST, { "2.0.0.127.list.example": { A: ["127.0.0.2"] } }, []],
  [
    "a list that is gone",
    LIST,
    {},
    [/^list\.example does not exist \(NXDOMAIN\), so it has no effect: check its spelling$/],
  ],
  ["a score zone that is gone", SCORE, {}, [/^score\.example does not exist \(NXDOMAIN\)/]],
  [
    "a score zone of which nobody knows whether it is there",
    SCORE,
    { "score.example": { A: "servfail" } },
    [],
  ],
  [
    "a list that has lost its test point",
    LIST,
    { "list.example": {} },
    [/^list\.example does not list its own test point 127\.0\.0\.2 .* whether it still exists$/],
  ],
  ["a score zone that knows nothing of the test point", SCORE, { "score.example": {} }, []],
  ["a score zone that does", SCORE, { "2.0.0.127.score.example": { A: ["127.0.4.50"] } }, []],
  [
    "a zone that refuses public resolvers",
    LIST,
    { "2.0.0.127.list.example": { A: ["127.255.255.254"] } },
    [/^list\.example refuses this resolver \(127\.255\.255\.254\): it is a public resolver/],
  ],
  [
    "a zone whose name is mistyped",
    LIST,
    { "2.0.0.127.list.example": { A: ["127.255.255.252"] } },
    [/^list\.example refuses this resolver \(127\.255\.255\.252\): the zone name is mistyped/],
  ],
  [
    "a zone that is asked too much",
    SCORE,
    { "2.0.0.127.score.example": { A: ["127.255.255.255"] } },
    [/^score\.example refuses this resolver \(127\.255\.255\.255\): it sends too many queries/],
  ],
  [
    "a zone that refuses for a reason of its own",
    LIST,
    { "2.0.0.127.list.example": { A: ["127.255.255.7"] } },
    [/^list\.example refuses this resolver \(127\.255\.255\.7\): see the operator's web pages/],
  ],
  [
    "a zone whose name was bought",
    LIST,
    { "2.0.0.127.list.example": { A: ["192.0.2.80"] } },
    [/^list\.example answers 192\.0\.2\.80, which is not a list's answer/],
  ],
  [
    "one zone of two is silent",
    `${LIST}\n${SCORE}`,
    { "2.0.0.127.list.example": "timeout", "score.example": {} },
    [/^list\.example does not answer \(timeout\): until it does, it has no effect/],
  ],
  [
    "the servers of one zone of two fail",
    `${LIST}\n${SCORE}`,
    { "2.0.0.127.list.example": "servfail", "score.example": {} },
    [/^list\.example does not answer \(servfail\)/],
  ],
  [
    "no DNS at all",
    `${LIST}\n${SCORE}`,
    { "2.0.0.127.list.example": "timeout", "2.0.0.127.score.example": "timeout" },
    [/^no zone could be tested \(score\.example, list\.example\): .*\(timeout\).*--no-dns$/],
  ],
  [
    "a list with a key is asked with it, and shown without",
    KEYED,
    { "2.0.0.127.secretkey1.list.example": { A: ["127.255.255.255"] } },
    [/^list\.example refuses this resolver/],
  ],
];
for (const [name, yaml, dns, says] of cases) {
  test(`testZones: ${name}`, () =>
    withConfig(yaml, async (config) => {
      const resolver = scriptedResolver(parseDnsScript(dns));
      const said = await testZones(config, resolver, timer);
      assert.equal(said.length, says.length, JSON.stringify(said));
      for (const [i, { level, text }] of said.entries()) {
        assert.equal(level, "warning");
        assert.match(text, says[i] ?? /never/);
        assert.doesNotMatch(text, /secretkey1/i);
      }
    }));
}

test("testZones: asks all at once, and waits for none beyond its deadline", () =>
  withConfig(`${LIST}\n${SCORE}`, async (config) => {
    const deadline = manualTimer();
    const asked: string[] = [];
    const silent: Resolver = {
      ask: (name) => {
        asked.push(name);
        return new Promise(() => {});
      },
    };
    const tests = testZones(config, silent, deadline);
    assert.deepEqual(asked, ["2.0.0.127.score.example", "2.0.0.127.list.example"]);
    void deadline.ring();
    const [remark] = await tests;
    assert.match(remark?.text ?? "", /^no zone could be tested/);
  }));
