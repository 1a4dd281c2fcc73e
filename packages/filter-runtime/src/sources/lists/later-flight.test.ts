import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "../../testing/fake-clock.ts";
import { laterFlight } from "./later-flight.ts";

test("laterFlight: who comes while one runs gets the next, together with the others", async () => {
  const runs: { readonly argument: string; readonly end: (result: string) => void }[] = [];
  const fly = laterFlight(
    (argument: string) =>
      new Promise<string>((end) => {
        runs.push({ argument, end });
      }),
  );
  const first = fly("a");
  const second = fly("b");
  const third = fly("c");
  await settle();
  assert.deepEqual(
    runs.map(({ argument }) => argument),
    ["a"],
  );
  runs[0]?.end("one");
  assert.equal(await first, "one");
  await settle();
  assert.deepEqual(
    runs.map(({ argument }) => argument),
    ["a", "b"],
  );
  const fourth = fly("d");
  runs[1]?.end("two");
  assert.deepEqual(await Promise.all([second, third]), ["two", "two"]);
  await settle();
  runs[2]?.end("three");
  assert.equal(await fourth, "three");
  const fifth = fly("e");
  assert.equal(runs.length, 4);
  runs[3]?.end("four");
  assert.equal(await fifth, "four");
});
