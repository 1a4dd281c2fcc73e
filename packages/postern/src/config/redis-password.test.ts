import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runPostern } from "../testing/run-postern.ts";

const SECRET = "hunter2";
const folder = await mkdtemp(join(tmpdir(), "postern-password-"));
after(() => rm(folder, { recursive: true }));

/** What a hurried administrator writes. All but the last two groups are wrong. */
const files: readonly string[] = [
  `state: redis://user:${SECRET}@`,
  `state: redis://user:${SECRET}`,
  `state: redis://:${SECRET}@/0`,
  `state: redis://user:${SECRET}@127.0.0.1:99999/0`,
  `state: redis://user:${SECRET}@127.0.0.1:port/0`,
  `state: redis://user:${SECRET}@127.0.0.1/zero`,
  `state: redis://user:${SECRET}@127.0.0.1/0?db=1`,
  `state: redis://user:${SECRET}#x@127.0.0.1/0`,
  `state: redis://user:#${SECRET}@127.0.0.1/0`,
  `state: redis://user:a/${SECRET}@127.0.0.1/0`,
  `state: redis://user:12/${SECRET}@127.0.0.1/0`,
  `state: redis://user:a@b@${SECRET}@[::1/0`,
  `state: redis://user:${SECRET}%zz@127.0.0.1:1/0`,
  `state: rediss//user:${SECRET}@127.0.0.1/0`,
  `state: rediss:/user:${SECRET}@127.0.0.1/0`,
  `state: reddis://user:${SECRET}@127.0.0.1/0`,
  `state: REDIS//${SECRET}`,
  `state: user:${SECRET}@127.0.0.1`,
  `state: "redis://user:${SECRET}@127.0.0.1 /0"`,
  `state: { url: "redis://user:${SECRET}@127.0.0.1/0" }`,
  `state: { "redis://user:${SECRET}@127.0.0.1/0" }`,
  `state: { "redis://user:${SECRET}@127.0.0.1/0": 1, "redis://user:${SECRET}@127.0.0.1/0": 1 }`,
  `state: ["redis://user:${SECRET}@127.0.0.1/0"]`,
  `state: redis://user:${SECRET}: x@127.0.0.1/0`,
  `state: *redis://user:${SECRET}@127.0.0.1/0`,
  `state: !redis://user:${SECRET}@127.0.0.1/0 x`,
  `state: @redis://user:${SECRET}@127.0.0.1/0`,
  `state: "redis://user:${SECRET}@127.0.0.1/0`,
  `state: sqlite:redis://user:${SECRET}@127.0.0.1/0\n  mode: enforce`,
  `redis://user:${SECRET}@127.0.0.1/0`,
  `redis://user:${SECRET}@127.0.0.1/0: x`,
  `redis://user:${SECRET}: x`,
  `%redis://user:${SECRET}@127.0.0.1/0`,
  `- redis://user:${SECRET}@127.0.0.1/0`,
  `mode: redis://user:${SECRET}@127.0.0.1/0`,
  `localDomains: [redis://user:${SECRET}@127.0.0.1/0]`,
  `policy: redis://user:${SECRET}@127.0.0.1/0`,
  `listen: { milter: redis://user:${SECRET}@127.0.0.1/0 }`,
];
const commands = [
  ["check", "--no-dns", "--json"],
  ["try", "--ip", "192.0.2.1", "--json"],
  ["reputation", "list"],
];

for (const [index, yaml] of files.entries()) {
  test(`a password of Redis is in no complaint: ${yaml.replaceAll(SECRET, "SECRET")}`, async () => {
    const file = join(folder, `${index}.yaml`);
    writeFileSync(file, `${yaml}\n`);
    // All read the configuration in one way: each file is given to one of them.
    for (const [command = "", ...words] of commands.slice(index % 3, (index % 3) + 1)) {
      const { code, stdout, stderr } = await runPostern([command, "--config", file, ...words]);
      assert.equal(code, 78, stderr);
      assert.ok(stderr.includes(`${index}.yaml`), stderr);
      assert.doesNotMatch(`${stdout}${stderr}`, new RegExp(SECRET, "i"));
    }
  });
}

test("a URL that is good is shown without its password by check and by try", async () => {
  const file = join(folder, "good.yaml");
  writeFileSync(file, `state: redis://user:${SECRET}%40@127.0.0.1:1/0\n`);
  for (const words of [
    ["check", "--no-dns"],
    ["check", "--no-dns", "--all"],
    ["check", "--no-dns", "--json"],
    ["try", "--ip", "192.0.2.1"],
    ["try", "--ip", "192.0.2.1", "--json"],
    ["reputation", "list"],
    ["reputation", "forget", "domain:example.com"],
  ]) {
    const { stdout, stderr } = await runPostern([...words, "--config", file]);
    assert.match(`${stdout}${stderr}`, /redis:\/\/127\.0\.0\.1:1\/0/);
    assert.doesNotMatch(`${stdout}${stderr}`, new RegExp(SECRET, "i"));
  }
});

test("what was written wrong is still shown where it holds no password", async () => {
  const file = join(folder, "plain.yaml");
  for (const [yaml, shown] of [
    ["state: file:/var/lib", /state: must be "memory:", .* or none, not "file:\.\.\."/],
    ["state: /var/lib/state.db", /or none, not "\/var\/lib\/state\.db"/],
    [
      "state: redis://user:a#b@h/0",
      /a password's # \/ \? @ and % are written %23 %2F %3F %40 and %25/,
    ],
    ["localDomains: [a@example.org]", /"a@example\.org"/],
    ["mode: redis://u:p@h", /"redis:\*\*\*@h" is not one of/],
  ] as const) {
    writeFileSync(file, yaml);
    const { code, stderr } = await runPostern(["check", "--config", file]);
    assert.equal(code, 78);
    assert.match(stderr, shown);
  }
});
