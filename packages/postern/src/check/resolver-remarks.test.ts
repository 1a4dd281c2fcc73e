import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { withConfig } from "../config/testing/with-config.ts";
import { manualTimer } from "../daemon/testing/manual-timer.ts";
import { readBehindResolved, resolverRemarks, testResolver } from "./resolver-remarks.ts";

const SCORE = "scores: [{ zone: a.example }]\n";
const system = (servers: readonly string[], behindResolved: readonly string[] = []) => ({
  servers,
  behindResolved,
});

const rows: readonly (readonly [
  name: string,
  yaml: string,
  of: ReturnType<typeof system>,
  says: RegExp | null,
])[] = [
  [
    "the system's are public",
    SCORE,
    system(["1.1.1.1", "2606:4700:4700::1001"]),
    /^the system's resolvers are public resolvers \(1\.1\.1\.1, /,
  ],
  ["the system has none", SCORE, system([]), null],
  [
    "systemd-resolved forwards to public ones",
    SCORE,
    system(["127.0.0.53"], ["8.8.8.8", "2001:4860:4860::8888"]),
    /^systemd-resolved forwards to public resolvers \(8\.8\.8\.8, 2001:4860:4860::8888\), which/,
  ],
  [
    "the file names systemd-resolved, which forwards to a public one",
    `dns: { servers: ["127.0.0.53:53"] }\n${SCORE}`,
    system(["192.0.2.1"], ["9.9.9.9"]),
    /^systemd-resolved forwards to public resolvers \(9\.9\.9\.9\)/,
  ],
  ["it forwards to the provider's", SCORE, system(["127.0.0.53"], ["192.0.2.1"]), null],
  ["it forwards to nobody known", SCORE, system(["127.0.0.53"]), null],
  ["no zone that minds", "mode: observe", system(["127.0.0.53"], ["8.8.8.8"]), null],
];
for (const [name, yaml, of, says] of rows) {
  test(`resolverRemarks: ${name}`, () =>
    withConfig(yaml, (config) => {
      const [remark, ...more] = resolverRemarks(config, of);
      assert.deepEqual(more, []);
      if (says === null) assert.equal(remark, undefined);
      else assert.match(remark?.text ?? "", says);
    }));
}

for (const [result, isDead, says] of [
  ["answers", false, null],
  ["errors", false, /^the resolver \(192\.0\.2\.1\) answers the query for .* of \. with an error/],
  ["silent", true, /^the resolver \(192\.0\.2\.1\) does not answer: .* without DNS; .*--no-dns/],
] as const) {
  test(`testResolver: one that ${result}`, () =>
    withConfig("", async (config) => {
      const dns = { probe: async () => result };
      const tested = await testResolver(config, system(["192.0.2.1"]), dns, manualTimer());
      assert.equal(tested.isDead, isDead);
      const [remark] = tested.remarks;
      if (says === null) assert.equal(remark, undefined);
      else assert.match(remark?.text ?? "", says);
    }));
}

test("testResolver: waits for none beyond its deadline", () =>
  withConfig("", async (config) => {
    const deadline = manualTimer();
    const dns = { probe: () => new Promise<never>(() => {}) };
    const tested = testResolver(config, system([]), dns, deadline);
    void deadline.ring();
    assert.equal((await tested).isDead, true);
  }));

test("readBehindResolved: the nameserver lines of the file, and none without it", () =>
  withConfig("", (_config, folder) => {
    const file = `${folder}/resolv.conf`;
    writeFileSync(
      file,
      "# nameserver 1.1.1.1\nnameserver 8.8.8.8\nnameserver fe80::1%eth0\nsearch .\n",
    );
    assert.deepEqual(readBehindResolved(file), ["8.8.8.8", "fe80::1%eth0"]);
    assert.deepEqual(readBehindResolved(`${folder}/none`), []);
  }));
