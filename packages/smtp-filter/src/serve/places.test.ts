import assert from "node:assert/strict";
import { test } from "node:test";
import { type Place, Places } from "./places.ts";

/** Takes a place, and notes who loses one. */
function crowd(limit: number) {
  const out: string[] = [];
  const places = new Places(limit);
  return { out, places, take: (name: string) => places.take(() => out.push(name)) };
}

test("Places: who has proved nothing gets half of them; the longest silent one makes way", () => {
  const { out, places, take } = crowd(4);
  take("a");
  take("b");
  assert.deepEqual([out, places.unproved], [[], 2]);
  take("c");
  take("d");
  assert.deepEqual([out, places.unproved], [["a", "b"], 2]);
});

test("Places: who has proved to speak keeps his place; when all have, there is none", () => {
  const { out, take } = crowd(4);
  const proved = ["a", "b", "c", "d"].map((name) => {
    const place = take(name);
    place?.prove();
    return place;
  });
  assert.deepEqual(out, []);
  assert.equal(take("e"), undefined);
  proved[0]?.leave();
  proved[0]?.leave();
  const silent = take("e");
  assert.notEqual(silent, undefined);
  take("f");
  assert.deepEqual(out, ["e"], "a silent one makes way where only it can");
});

test("Places: a place that was taken away proves nothing and frees nothing", () => {
  const { out, places, take } = crowd(2);
  const lost = take("a");
  const kept: Place | undefined = take("b");
  lost?.prove();
  lost?.leave();
  assert.deepEqual([out, places.unproved], [["a"], 1]);
  kept?.prove();
  assert.notEqual(take("c"), undefined);
  take("d")?.prove();
  assert.equal(take("e"), undefined);
});

test("Places: with one place, who proves keeps it", () => {
  const { out, take } = crowd(1);
  take("a");
  take("b")?.prove();
  assert.deepEqual(out, ["a"]);
  assert.equal(take("c"), undefined);
});
