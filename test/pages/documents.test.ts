import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
/** What a clone does not hold. Written in pieces, so that this file holds no such name itself. */
const ELSEWHERE = new RegExp(`\\b(?:${["DESIGN", "POLICY", "STYLE"].join("|")})\\.md\\b`);

for (const page of ["docs/architecture.md", "docs/contributing.md"])
  test(`${page}: the files and folders that it names exist`, () => {
    const named = [...read(page).matchAll(/`((?:packages|test|docs|scripts|examples)\/[^`]*)`/g)];
    assert.ok(named.length > 10);
    const missing = named
      .map(([, path = ""]) => path)
      .filter((path) => !existsSync(join(ROOT, path)));
    assert.deepEqual(missing, []);
  });

test("docs/architecture.md: its table of packages has all of them, and what each imports", () => {
  const rows = read("docs/architecture.md").matchAll(/^\| \[([\w-]+)\]\(\S+\) \|.*\| (.*) \|$/gm);
  const documented = Object.fromEntries(
    [...rows].map(([, name = "", edges = ""]) => [name, edges]),
  );
  const real = Object.fromEntries(
    readdirSync(join(ROOT, "packages")).map((name) => {
      const { dependencies = {} } = JSON.parse(read(`packages/${name}/package.json`)) as {
        readonly dependencies?: Readonly<Record<string, string>>;
      };
      const own = Object.keys(dependencies).filter((other) => other.startsWith("@postern/"));
      const edges = own.map((other) => other.slice("@postern/".length)).sort();
      return [name, edges.join(", ") || "nothing"];
    }),
  );
  assert.deepEqual(documented, real);
});

test("every package has a README", () => {
  for (const name of readdirSync(join(ROOT, "packages")))
    assert.ok(existsSync(join(ROOT, "packages", name, "README.md")), name);
});

test("no file refers to a document that a clone does not hold", () => {
  const files = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" });
  const texts = files.split("\0").filter((file) => /\.(?:ts|md|yaml|json)$/.test(file));
  assert.ok(texts.length > 500);
  const found = texts.filter((file) => existsSync(join(ROOT, file)) && ELSEWHERE.test(read(file)));
  assert.deepEqual(found, []);
});
