import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { runPostern } from "../testing/run-postern.ts";

const folder = mkdtempSync(join(tmpdir(), "postern-try-"));
after(() => rmSync(folder, { recursive: true }));
const db = join(folder, "state.db");
const config = join(folder, "postern.yaml");
const dns = join(folder, "dns.json");
const argv = ["try", "--config", config, "--dns", dns, "--ip", "192.0.2.1", "--helo", "mail.test"];

before(async () => {
  writeFileSync(dns, "{}");
  writeFileSync(config, `state: sqlite:${db}\n`);
  const set = ["reputation", "set", "address:192.0.2.1", "5", "--config", config];
  assert.equal((await runPostern(set)).code, 0);
});

test("try: reads what was learned, says so and how old it is, and changes nothing", async () => {
  const picture = () => [statSync(db, { bigint: true }).mtimeNs, readFileSync(db)];
  const untouched = picture();
  const { code, stdout, stderr } = await runPostern(argv);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /reputation of address:192\.0\.2\.1: \d/);
  assert.match(stdout, /^Rests on\n {2}what was learned: read from sqlite:\S+, last written less/);
  assert.doesNotMatch(stdout, /no configuration file/);
  assert.deepEqual(picture(), untouched);
});

test("try --json: the state has a stable shape", async () => {
  const { facts, state } = JSON.parse((await runPostern([...argv, "--json"])).stdout);
  assert.ok(facts.reputation["address:192.0.2.1"] < 10);
  assert.deepEqual(Object.keys(state), [
    "place",
    "isRead",
    "reason",
    "learningDays",
    "lastWritten",
  ]);
  const { lastWritten, ...rest } = state;
  assert.ok(Math.abs(Date.now() - Date.parse(lastWritten)) < 3_600_000);
  assert.deepEqual(rest, {
    place: `sqlite:${db}`,
    isRead: true,
    reason: null,
    learningDays: null,
  });
});

test("try --fresh: what was learned is left out, and that is said", async () => {
  const { stdout } = await runPostern([...argv, "--fresh"]);
  assert.match(stdout, /not read from sqlite:\S+, judged without: left out by --fresh\n/);
  assert.doesNotMatch(stdout, /reputation of/);
  const { facts, state } = JSON.parse((await runPostern([...argv, "--fresh", "--json"])).stdout);
  assert.equal(facts.reputation, undefined);
  assert.deepEqual(state, {
    place: `sqlite:${db}`,
    isRead: false,
    reason: "left out by --fresh",
    learningDays: null,
    lastWritten: null,
  });
});

test("try --jsonl: no store is read", async () => {
  const line = '{"client":{"ip":"192.0.2.1"},"dns":{}}\n';
  const { stdout } = await runPostern(["try", "--jsonl", "--config", config], line);
  const result = JSON.parse(stdout);
  assert.equal(result.facts.reputation, undefined);
  assert.equal(result.state, undefined);
});

const without: readonly (readonly [name: string, yaml: string, says: RegExp])[] = [
  ["a file that is not there", `state: sqlite:${folder}/no.db`, /no\.db does not exist\n/],
  ["a file that is none of ours", `state: sqlite:${dns}`, /dns\.json: it is not an SQLite file/],
  ["a dead Redis", "state: redis://:secret@127.0.0.1:1/0", /Cannot reach redis:\/\/127\.0\.0\.1:1/],
  ["state: none", "state: none", /none, judged without: nothing is learned\n/],
  ["state: memory:", "state: 'memory:'", /memory:, judged without: only the daemon itself sees/],
  ["a policy that learns nothing", "policy: poolp-2019", /poolp-2019 learns nothing\n/],
];
for (const [name, yaml, says] of without) {
  test(`try: ${name} is one line, and judged without`, async () => {
    const file = join(folder, "other.yaml");
    writeFileSync(file, `${yaml}\n`);
    const { code, stdout, stderr } = await runPostern(argv.with(2, file));
    assert.deepEqual([code, stderr], [0, ""]);
    const [, line = ""] = stdout.split("\n");
    assert.match(line, /^ {2}what was learned: not read from /);
    assert.match(`${line}\n`, says);
    assert.doesNotMatch(stdout, /secret/);
    assert.match(stdout, /\nVerdict\n/);
  });
}

test("try: without a file it judges as enforce, says that a daemon only observes, and where it looked", async () => {
  const { stdout } = await runPostern(["try", "--dns", dns, "--ip", "192.0.2.1"], "", {
    stateFolder: join(folder, "home"),
  });
  assert.match(stdout, /^Rests on\n {2}mode enforce: no configuration file .* only observes\n/);
  assert.match(stdout, /not read from sqlite:\S+\/home\/state\.db, .* this user's own place, /);
  assert.match(stdout, /state: sqlite:\/var\/lib\/postern\/state\.db\n/);
});
