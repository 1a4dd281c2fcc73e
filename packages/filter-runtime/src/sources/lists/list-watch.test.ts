import assert from "node:assert/strict";
import { test } from "node:test";
import { ip } from "./list-stage.ts";
import { createListWatch, type Opinion } from "./list-watch.ts";

/** L: a listed client, another each time; anything else: one that is not listed. */
function noteAll(pattern: string): {
  opinions: Opinion[];
  watch: ReturnType<typeof createListWatch>;
} {
  const watch = createListWatch();
  const opinions = [...pattern].map((letter, i) => watch.note(client(i), letter === "L"));
  return { opinions, watch };
}

const cases: readonly { name: string; pattern: string; last: Opinion }[] = [
  { name: "the first client", pattern: "L", last: "usual" },
  { name: "nine in a row", pattern: `.${"L".repeat(9)}`, last: "usual" },
  { name: "ten in a row", pattern: "L".repeat(10), last: "held" },
  { name: "ten in a row, then another", pattern: `${"L".repeat(10)}.`, last: "usual" },
  { name: "20 of the last 40", pattern: ".L".repeat(20), last: "usual" },
  { name: "21 of the last 40", pattern: `${".L".repeat(19)}LL`, last: "held" },
  { name: "two of five, for ever", pattern: "L..L.".repeat(80), last: "usual" },
  { name: "100 of 200", pattern: ".L".repeat(100), last: "usual" },
  { name: "101 of 200", pattern: `${".L".repeat(99)}LL`, last: "too many" },
  { name: "101 at all", pattern: "L".repeat(101), last: "too many" },
  { name: "100 and then 200 others", pattern: "L".repeat(100) + ".".repeat(200), last: "usual" },
];
for (const { name, pattern, last } of cases) {
  test(`createListWatch: ${name}: ${last}`, () => {
    assert.equal(noteAll(pattern).opinions.at(-1), last);
  });
}

test("createListWatch: of three listed in four, few are believed until the list is given up", () => {
  const { opinions } = noteAll("LLL.".repeat(60));
  assert.equal(opinions.indexOf("held"), 26);
  assert.equal(opinions.indexOf("too many"), 133);
});

test("createListWatch: a client counts once, with what was last said of it", () => {
  const watch = createListWatch();
  for (let i = 0; i < 1000; i += 1) assert.equal(watch.note(client(1), true), "usual");
  for (let i = 0; i < 40; i += 1) watch.note(client(i), i % 2 === 0);
  assert.ok(!watch.isCalm());
  for (let i = 0; i < 40; i += 1) watch.note(client(i), false);
  assert.ok(watch.isCalm());
});

test("createListWatch: calm is 40 % and less", () => {
  assert.ok(noteAll("L..L.".repeat(40)).watch.isCalm());
  assert.ok(!noteAll("L.L..".repeat(40).replace("..", ".L")).watch.isCalm());
  const { watch } = noteAll("L".repeat(200));
  watch.clear();
  assert.ok(watch.isCalm());
});

function client(i: number) {
  return ip(`81.2.${i >> 8}.${i & 255}`);
}

test("createListWatch: the share, and one of twenty at first", () => {
  const cases: readonly [string, number][] = [
    ["", 0],
    ["L", 0.05],
    ["LL........", 0.1],
    ["L....".repeat(20), 0.2],
    ["L....".repeat(100), 0.2],
  ];
  for (const [pattern, share] of cases) assert.equal(noteAll(pattern).watch.share(), share);
});
