import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { after, test } from "node:test";
import type { Command } from "commander";
import { describeProgram } from "./command-line.ts";
import { EXIT, EXIT_MEANINGS } from "./exit-code.ts";
import { runPostern } from "./testing/run-postern.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/commands.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "postern-page-"));
after(() => rmSync(folder, { recursive: true }));

const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
const program = describeProgram(
  {
    stdin: Readable.from([]),
    stdout: nowhere,
    stderr: nowhere,
    cwd: "/",
    systemFile: null,
    hostname: "mx.example.org",
    stateFolder: null,
  },
  () => {},
);

/** What the page says of one command, from its title to the next. */
function sectionOf(title: string): string {
  const [, rest = ""] = `${PAGE}\n## `.split(`\n## ${title}\n`);
  return rest.split("\n## ")[0] ?? "";
}

/** What stands in the first column of the section's tables. */
function listedIn(section: string): readonly string[] {
  return [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text),
  );
}

function expectedOf(command: Command): readonly string[] {
  return [
    ...command.registeredArguments.map((argument) => argument.name()),
    ...command.options.flatMap(({ flags }) => flags.split(", ")),
  ];
}

test("docs/commands.md: has a section for each command, and for no other", () => {
  const titles = [...PAGE.matchAll(/^## postern (\S+)$/gm)].map(([, name]) => name);
  assert.deepEqual(
    titles,
    program.commands.map((command) => command.name()),
  );
});

for (const command of program.commands) {
  test(`docs/commands.md: postern ${command.name()} with exactly its arguments and options`, () =>
    assert.deepEqual(
      listedIn(sectionOf(`postern ${command.name()}`)).toSorted(),
      expectedOf(command).toSorted(),
    ));
}

test("docs/commands.md: the options of postern itself", () =>
  assert.deepEqual(
    listedIn(PAGE.split("\n## ")[0] ?? "").toSorted(),
    [...expectedOf(program), "-h", "--help"].toSorted(),
  ));

test("docs/commands.md: the exit codes with their meanings", () => {
  const rows = [...sectionOf("Exit codes").matchAll(/^\| (\d+) \| (.+) \|$/gm)];
  assert.deepEqual(
    rows.map(([, code, meaning]) => [Number(code), meaning]),
    Object.entries(EXIT).map(([name, code]) => [
      code,
      EXIT_MEANINGS[name as keyof typeof EXIT_MEANINGS],
    ]),
  );
});

const shown = [...PAGE.matchAll(/<!-- json: (.+) -->\n```json\n([\s\S]*?)\n```/g)];

test("docs/commands.md: every block of JSON names its command", () => {
  assert.equal(shown.length, PAGE.split("```json").length - 1);
  const named = new Set(shown.map(([, line = ""]) => line.split(" ")[0]));
  const able = program.commands.filter(({ options }) =>
    options.some((one) => one.long === "--json"),
  );
  assert.deepEqual(
    [...named],
    able.map((command) => command.name()),
  );
});

for (const [, line = "", text = ""] of shown) {
  test(`docs/commands.md: the JSON of postern ${line} has the keys it has`, async () => {
    const config = join(folder, "postern.yaml");
    const dns = join(folder, "dns.json");
    writeFileSync(config, `state: sqlite:${folder}/state.db\n`);
    writeFileSync(dns, "{}");
    const id = "domain:example.com";
    if (line.startsWith("reputation"))
      assert.equal((await runPostern(["reputation", "set", id, "90", "--config", config])).code, 0);
    const words = line.split(" ").map((word) => (word === "DNS" ? dns : word));
    const argv = words[0] === "ping" ? words : [...words, "--config", config];
    const real = JSON.parse((await runPostern(argv)).stdout) as unknown;
    compare(JSON.parse(text), real, "");
  });
}

/** The same keys, at every depth where both have any. What was looked up differs from case to case. */
function compare(written: unknown, real: unknown, path: string): void {
  if (Array.isArray(written) && Array.isArray(real)) {
    if (real.length > 0) compare(written[0], real[0], `${path}[0]`);
    return;
  }
  if (!isMap(written) || !isMap(real)) return;
  if (path !== ".facts") assert.deepEqual(Object.keys(written), Object.keys(real), path);
  for (const key of Object.keys(written)) compare(written[key], real[key], `${path}.${key}`);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
