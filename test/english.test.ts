import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

/** Phrases that have come back too often, with what to write instead. */
const phrases: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/\bis no known\b/, "unknown key: localDomain (did you mean localDomains?)"],
  [/\bis no (?:list|map|text|number|whole number)\b/, "must be a list, such as [a, b]"],
  [/\bleads? back\b/, "forward-confirmed (FCrDNS), or resolves back to"],
  [/\bsoft words?\b/i, "temporary rejection first"],
  [/\bfunction with papers\b|\ball (?:its|their) papers\b/, "documentation, or authenticated"],
  [/\bverdicts are told\b/, "decisions are applied"],
  [/\bwhat would hurt\b/, "risky settings"],
  [/\bwho has proved to be\b/, "authenticated identities"],
  [/\baccount to become\b/, "the user to drop privileges to"],
  [/\bvoids? debts\b/, "penalties are ignored for mail they relay"],
  [/\basks for itself\b/, "a local recursive resolver"],
  [/\bfirst passed test\b/, "first successful self-test"],
];

const ROOT = new URL("../", import.meta.url).pathname;
const KINDS = /\.(?:ts|md|yaml)$/;
const SKIPPED = /(?:^|\/)(?:node_modules|dist|vendor)(?:\/|$)/;

const files = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "docs",
  "packages",
  "examples",
].flatMap((place) => (KINDS.test(place) ? [place] : filesBelow(place)));

test("English: the files are found", () => {
  assert.ok(files.includes("docs/policy.md"));
  assert.ok(files.some((file) => file.startsWith("packages/filter-core/src/rules/")));
});

for (const [phrase, instead] of phrases) {
  test(`English: instead of ${phrase.source}: ${instead}`, () => {
    const found = files.filter((file) =>
      phrase.test(flowing(readFileSync(join(ROOT, file), "utf8"))),
    );
    assert.deepEqual(found, []);
  });
}

/** Text without line ends, and without what comments begin their lines with. */
function flowing(text: string): string {
  return text.replace(/\n[ \t*/#]*/g, " ");
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name}`)
    .filter((name) => KINDS.test(name) && !SKIPPED.test(name));
}
