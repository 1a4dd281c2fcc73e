import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runPostern } from "./testing/run-postern.ts";

const folder = mkdtempSync(join(tmpdir(), "postern-command-"));
after(() => rmSync(folder, { recursive: true }));
const here = { cwd: folder };
const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../package.json"), "utf8"),
) as { readonly version: string };

for (const argv of [["--version"], ["-V"], ["version"]]) {
  test(`postern ${argv.join(" ")}: the name and the version, one line on stdout`, async () =>
    assert.deepEqual(await runPostern(argv), {
      code: 0,
      stdout: `postern ${version}\n`,
      stderr: "",
    }));
}

const helped: readonly (readonly [argv: readonly string[], says: RegExp])[] = [
  [["help"], /^Usage: postern [\s\S]*\n {2}serve [\s\S]*Exit codes:[\s\S]*\n {2}78 /],
  [["--help"], /^Usage: postern /],
  [["help", "try"], /^Usage: postern try [\s\S]*--jsonl/],
  [["try", "--help"], /^Usage: postern try /],
  [["help", "opensmtpd"], /^Usage: postern opensmtpd [\s\S]*proc-exec/],
  [["opensmtpd", "--help"], /^Usage: postern opensmtpd /],
  [["help", "serve"], /Postfix\s+and\s+Sendmail[\s\S]*Exim\s+and\s+notqmail/],
];
for (const [argv, says] of helped) {
  test(`postern ${argv.join(" ")}: help goes to stdout`, async () => {
    const { code, stdout, stderr } = await runPostern(argv);
    assert.match(stdout, says);
    assert.deepEqual([code, stderr], [0, ""]);
  });
}

const mistaken: readonly (readonly [argv: readonly string[], stderr: string])[] = [
  [["chekc"], "postern: unknown command: chekc (did you mean check?)\n"],
  [["frobnicate"], "postern: unknown command: frobnicate; postern help lists all\n"],
  [["help", "chekc"], "postern: unknown command: chekc (did you mean check?)\n"],
  [
    ["check", "--conifg", "x"],
    "postern: unknown option: --conifg (did you mean --config?); see postern help check\n",
  ],
  [["try", "--zzz"], "postern: unknown option: --zzz; see postern help try\n"],
  [
    ["--verison"],
    "postern: unknown option: --verison (did you mean --version?); see postern help\n",
  ],
  [["ping"], "postern: missing argument: socket; see postern help ping\n"],
  [["ping", "a", "b"], "postern: too many arguments; see postern help ping\n"],
  [["check", "--config"], "postern: missing value: --config <file>; see postern help check\n"],
  [
    ["ping", "nowhere"],
    "postern: Cannot ping nowhere: write unix:/path, inet:host:port or inet:port@host\n",
  ],
  [["learn", "eggs"], "postern: Cannot learn eggs: write spam or ham\n"],
  [["try"], "postern: missing option: --ip, the address of the client\n"],
];
for (const [argv, stderr] of mistaken) {
  test(`postern ${argv.join(" ")}: one line on stderr, exit 64`, async () =>
    assert.deepEqual(await runPostern(argv, "", here), { code: 64, stdout: "", stderr }));
}

test("postern alone: the help on stderr, exit 64", async () => {
  const { code, stdout, stderr } = await runPostern([]);
  assert.match(stderr, /^Usage: postern /);
  assert.deepEqual([code, stdout], [64, ""]);
});

test("check -: the configuration comes from stdin", async () => {
  const good = await runPostern(["check", "--no-dns", "-"], "mode: observe\n", here);
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /stdin/);
  const bad = await runPostern(["check", "-"], "mode: obsevre\n", here);
  assert.match(bad.stderr, /^stdin:1:7: mode/);
  assert.deepEqual([bad.code, bad.stdout], [78, ""]);
});

test("try --config -: and so for every command", async () => {
  const { code, stdout } = await runPostern(
    ["try", "--config", "-", "--ip", "192.0.2.1", "--dns", zone(), "--json"],
    "mode: observe\n",
    here,
  );
  assert.deepEqual([code, JSON.parse(stdout).verdict.would], [0, "reject"]);
});

test("try --dns -: the DNS comes from stdin", async () => {
  const argv = ["try", "--ip", "192.0.2.1", "--dns", "-", "--json"];
  const script = '{"1.2.0.192.in-addr.arpa":{"PTR":["a.example"]}}';
  const { code, stdout } = await runPostern(argv, script, here);
  assert.deepEqual([code, JSON.parse(stdout).facts.reverseName.value], [0, "a.example"]);
});

test("two files from one stdin are refused", async () => {
  const argv = ["try", "--ip", "192.0.2.1", "--dns", "-", "-"];
  assert.deepEqual(await runPostern(argv, "{}", here), {
    code: 64,
    stdout: "",
    stderr:
      "postern: stdin can be read only once, here for --dns and for the message: give one of them a file\n",
  });
});

const MESSAGE = "Subject: x\n\nhello\n";
const FOREIGN = /^Cannot learn from this message/;
for (const words of [[], ["-"], ["mail.eml"]]) {
  test(`learn spam ${words.join("")}: a message from stdin or from a file`, async () => {
    writeFileSync(join(folder, "mail.eml"), MESSAGE);
    const input = words[0] === "mail.eml" ? "" : MESSAGE;
    const { code, stdout, stderr } = await runPostern(["learn", "spam", ...words], input, here);
    assert.match(stderr, FOREIGN);
    assert.deepEqual([code, stdout], [65, ""]);
  });
}

test("learn: a file that is not there is a mistake of usage", async () => {
  const { code, stderr } = await runPostern(["learn", "spam", "gone.eml"], "", here);
  assert.equal(stderr, "postern: Cannot read gone.eml: it does not exist\n");
  assert.equal(code, 64);
});

test("try --jsonl: exit 65 where a line was bad, and the others are judged", async () => {
  const line = '{"id":"a","client":{"ip":"192.0.2.1"},"dns":{}}\n';
  const bad = await runPostern(["try", "--jsonl"], `${line}{"id":"b"}\nnonsense\n${line}`, here);
  const results = bad.stdout
    .trimEnd()
    .split("\n")
    .map((text) => JSON.parse(text));
  assert.deepEqual(
    results.map(({ id, error }) => [id, error === undefined]),
    [
      ["a", true],
      ["b", false],
      [null, false],
      ["a", true],
    ],
  );
  assert.equal(bad.code, 65);
  assert.equal((await runPostern(["try", "--jsonl"], line, here)).code, 0);
});

function zone(): string {
  const path = join(folder, "zone.json");
  writeFileSync(path, "{}");
  return path;
}

const MAIN = join(import.meta.dirname, "main.ts");
for (const [name, script, code] of [
  ["check | head leaves quietly", `"$@" check --no-dns - < /dev/null | head -n 1`, 0],
  [
    "try --jsonl | head ends, though there is more to come",
    `touch empty.yaml; yes '{}' | "$@" try --config empty.yaml --jsonl | head -n 1`,
    0,
  ],
  ["a full disk is said", `"$@" --version > /dev/full`, 74],
  [
    "opensmtpd --help does not start the filter",
    `"$@" opensmtpd --help < /dev/null | head -n 1`,
    0,
  ],
] as const) {
  test(`postern in a shell: ${name}`, () => {
    const argv = ["-c", script, "sh", process.execPath, "--conditions=source", MAIN];
    const { status, stdout, stderr } = spawnSync("sh", argv, {
      cwd: folder,
      encoding: "utf8",
      timeout: 60_000,
    });
    assert.equal(status, code, stderr);
    assert.equal(stdout.split("\n").length, code === 0 ? 2 : 1);
    assert.match(stderr, code === 0 ? /^$/ : /^postern: Cannot write to stdout: .*ENOSPC.*\n$/);
  });
}
