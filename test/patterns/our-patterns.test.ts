import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findPatterns } from "./find-patterns.ts";
import { growthOf } from "./super-linear.ts";

/*
 * V8 counts nothing inside a pattern, and a test may not ask a clock. So each pattern is run by an interpreter of
 * ours that counts its steps, on texts pumped from the pattern's own parts, and its matches are held against V8's;
 * beside it, scslre reads from the pattern's structure whether it can be slow.
 */
const ROOT = join(import.meta.dirname, "../..");
const files = globSync("packages/*/src/**/*.ts", {
  cwd: ROOT,
  exclude: ["**/*.test.ts", "**/testing/**"],
});

for (const name of new Set(files.map((file) => file.split("/")[1] ?? ""))) {
  test(`patterns of ${name}: work is linear in the text`, () => {
    const found = files
      .filter((file) => file.startsWith(`packages/${name}/`))
      .map((file) => ({ file, ...findPatterns(join(ROOT, file)) }));
    for (const { file, patterns, made } of found) {
      assert.deepEqual(
        made,
        [],
        `${file}: write the pattern as a literal, so that it can be checked`,
      );
      for (const { source, flags, line } of patterns)
        assert.equal(growthOf(source, flags), undefined, `${file}:${line}: /${source}/${flags}`);
    }
  });
}

test("patterns: hundreds are found, in every package", () => {
  const count = files.flatMap((file) => findPatterns(join(ROOT, file)).patterns).length;
  assert.ok(count > 200, `${count} patterns`);
});

/** What is slow in a backtracking engine, each in its own way. */
const slow: readonly RegExp[] = [
  /[ \t]+$/,
  /^[ \t]+|[ \t]+$/g,
  /\s*\n\s*/g,
  /^(.*):(.*):$/,
  /(?:^|\s)#.*$/,
  /\brelay(?:ing)?\b.*\bdenied\b/i,
  /^(a+)+$/,
  /^(?:a|a)*$/,
  /%\{[^}]*\}|./g,
  /a(?=.*b)/g,
  /<[^>]*>/g,
  /^([a-z0-9]{20,})\.(.+\..+)$/,
];
for (const { source, flags } of slow)
  test(`patterns: /${source}/${flags} is found to be slow`, () => {
    assert.notEqual(growthOf(source, flags), undefined);
  });

const quick: readonly RegExp[] = [
  /^[ \t]+/,
  /[^a-z]+/g,
  /^[a-z]+(?:\.[a-z]+)*$/i,
  /^(?:\[[^\]]*\]|[^:]+):\d{1,5}$/,
];
for (const { source, flags } of quick)
  test(`patterns: /${source}/${flags} is found to be quick`, () => {
    assert.equal(growthOf(source, flags), undefined);
  });
