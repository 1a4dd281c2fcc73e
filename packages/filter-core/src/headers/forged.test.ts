import assert from "node:assert/strict";
import { test } from "node:test";
import { ForgedHeaderFinder } from "./forged.ts";

for (const [count, amount, removed] of [
  [0, "few", 0],
  [20, "few", 20],
  [21, "flood", 21],
  [5_000, "flood", 1_000],
] as const) {
  test(`ForgedHeaderFinder: ${count} forged results are ${amount}, ${removed} are removed`, () => {
    const finder = new ForgedHeaderFinder("mx.example.org");
    for (let n = 0; n < count; n += 1)
      finder.see("Authentication-Results", " mx.example.org; none");
    assert.deepEqual([finder.amount(), finder.found().length], [amount, removed]);
  });
}

for (const name of [
  "X-Postern\n ",
  "x-spam \n\t\n ",
  "Authentication-Results\r",
  "X-Spam-Flag\u00a0",
]) {
  test(`ForgedHeaderFinder: ${JSON.stringify(name)} is ours in disguise: one refuses the message`, () => {
    const finder = new ForgedHeaderFinder("mx.example.org");
    finder.see("Authentication-Results\n ", " relay.example; dkim=pass");
    assert.equal(finder.amount(), "few");
    finder.see(name, " mx.example.org; dkim=pass");
    assert.deepEqual([finder.amount(), finder.found().length], ["flood", 1]);
  });
}

test("ForgedHeaderFinder: results of other hosts are no flood", () => {
  const finder = new ForgedHeaderFinder("mx.example.org");
  for (let n = 0; n < 100; n += 1)
    finder.see("Authentication-Results", " relay.example; dkim=pass header.d=example.com");
  assert.deepEqual([finder.amount(), finder.found()], ["few", []]);
});

test("ForgedHeaderFinder: 300 blanks before the colon hide nothing", () => {
  const finder = new ForgedHeaderFinder("mx.example.org");
  finder.see(`Authentication-Results${" \t".repeat(150)}`, " mx.example.org; dkim=pass");
  finder.see(`X-Authentication-Results${" ".repeat(9_999)}`, " mx.example.org; dkim=pass");
  assert.deepEqual(finder.found(), [{ name: "Authentication-Results", ordinal: 1 }]);
});
