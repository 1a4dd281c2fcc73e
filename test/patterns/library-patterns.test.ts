import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { sep } from "node:path";
import { before, test } from "node:test";
import { loadMailauth } from "@postern/mail-auth";
import { attacks } from "./attacks.ts";
import { stepCounter } from "./count-steps.ts";
import { findPatterns } from "./find-patterns.ts";
import { pumped } from "./pumped-texts.ts";
import { type Growth, growthOf } from "./super-linear.ts";
import { watchPatterns } from "./watch-patterns.ts";

/*
 * mailauth and what it loads is the library code that meets texts of a client and of his DNS. A slow pattern there can
 * only be given short texts. So what slows it is put, as long as it may get, into every place that a client or his DNS
 * controls, and the steps of every run of every slow pattern are counted.
 */

/** Half a millisecond of V8: a last label of 500 letters and a character that none may have. */
const MOST_STEPS = 300_000;
/** Around our limits, and beyond what our DNS and header section let in. */
const LENGTHS = [190, 500, 8_000, 20_000];
/** Whose slow patterns are aimed at; those of the others must not run at all. */
const AIMED_AT = /^(?:mailauth|ipaddr\.js)\//;

const keyOf = ({ source, flags }: Pick<RegExp, "source" | "flags">): string =>
  `/${source}/${flags}`;
const known = new Set<string>();
const slow = new Map<string, Growth & { readonly file: string }>();

before(() => {
  const { cache } = createRequire(import.meta.url);
  const others = new Set(Object.keys(cache));
  loadMailauth();
  const files = Object.keys(cache).filter((file) => !others.has(file) && /\.c?js$/.test(file));
  for (const path of files)
    for (const pattern of findPatterns(path).patterns) {
      const key = keyOf(pattern);
      if (known.has(key)) continue;
      known.add(key);
      const growth = growthOf(pattern.source, pattern.flags);
      const file = path.split(`node_modules${sep}`).at(-1) ?? "";
      if (growth !== undefined) slow.set(key, { ...growth, file });
    }
});

test("library patterns: the slow ones of mailauth and of what it loads are known", () => {
  assert.ok(known.size > 150, `${known.size} patterns`);
  for (const pattern of [/\.+$/, /^([+\-?~]?)([^:/]*)(.*)$/, /^[ \t\r\n]+|[ \t\r\n]+$/g])
    assert.ok(slow.has(keyOf(pattern)), keyOf(pattern));
});

const ran = new Set<string>();
/** Patterns that only the running program knows. */
const made = new Map<string, RegExp>();

for (const [place, attack] of Object.entries(attacks))
  test(`library patterns: what is pumped into ${place} costs no slow pattern more than ${MOST_STEPS} steps`, async () => {
    const texts = [...slow.values()].flatMap(({ file, text }) =>
      text !== undefined && AIMED_AT.test(file) ? [text] : [],
    );
    assert.ok(texts.length > 8, `${texts.length} texts`);
    const runs = new Map<string, Set<string>>();
    await watchPatterns(
      (pattern, text) => {
        const key = keyOf(pattern);
        if (!known.has(key)) made.set(key, pattern);
        if (slow.has(key)) runs.set(key, (runs.get(key) ?? new Set()).add(text));
      },
      async () => {
        for (const text of texts) for (const length of LENGTHS) await attack(pumped(text, length));
      },
    );
    for (const [key, seen] of runs) {
      ran.add(key);
      const file = slow.get(key)?.file ?? "";
      assert.match(file, AIMED_AT, `${key} of ${file} runs: give it short texts, and aim at it`);
      const steps = stepsOf(key, seen);
      assert.ok(steps <= MOST_STEPS, `${key} of ${file} takes ${steps} steps`);
    }
  });

test("library patterns: those made while running are linear", () => {
  assert.ok(made.size > 10, `${made.size} patterns`);
  for (const [key, { source, flags }] of made)
    assert.equal(growthOf(source, flags), undefined, key);
});

test("library patterns: the slow ones were reached", () => {
  assert.ok(ran.size >= 5, [...ran].join("\n"));
});

/** Of the run that took the most. */
function stepsOf(key: string, texts: ReadonlySet<string>): number {
  const end = key.lastIndexOf("/");
  const run = stepCounter(key.slice(1, end), key.slice(end + 1), 10 * MOST_STEPS);
  return Math.max(...[...texts].map((text) => run(text).steps));
}
