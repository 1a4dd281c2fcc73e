import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock, settle } from "@postern/smtp-filter/testing";
import { type Pace, pacedFlight } from "./paced-flight.ts";

const AT_ONCE: Pace = { restMs: 0, crowd: 1, crowdRestMs: 0 };
const PACE: Pace = { restMs: 3_000, crowd: 4, crowdRestMs: 500 };

test("pacedFlight: who comes while one runs gets the next, together with the others", async () => {
  const runs: ((result: string) => void)[] = [];
  const { run } = pacedFlight(
    fakeClock(),
    AT_ONCE,
    () => new Promise<string>((end) => runs.push(end)),
  );
  const first = run();
  const second = run();
  const third = run();
  await settle();
  assert.equal(runs.length, 1);
  runs[0]?.("one");
  assert.equal(await first, "one");
  await settle();
  assert.equal(runs.length, 2);
  const fourth = run();
  runs[1]?.("two");
  assert.deepEqual(await Promise.all([second, third]), ["two", "two"]);
  await settle();
  runs[2]?.("three");
  assert.equal(await fourth, "three");
  const fifth = run();
  assert.equal(runs.length, 4);
  runs[3]?.("four");
  assert.equal(await fifth, "four");
});

function paced() {
  const clock = fakeClock();
  const starts: number[] = [];
  const began = clock.nowMs();
  const flight = pacedFlight(clock, PACE, async () => starts.push(clock.nowMs() - began));
  return { clock, starts, ...flight };
}

test("pacedFlight: after a rest it runs at once, then every three seconds while somebody waits", async () => {
  const { clock, starts, run } = paced();
  for (let i = 0; i < 10; i += 1) {
    void run();
    await clock.advance(1_000);
  }
  assert.deepEqual(starts, [0, 3_000, 6_000, 9_000]);
  await clock.advance(60_000);
  assert.equal(starts.length, 5);
  void run();
  await settle();
  assert.equal(starts.at(-1), 70_000);
});

test("pacedFlight: a crowd waits half a second", async () => {
  const { clock, starts, run } = paced();
  for (let i = 0; i < 100; i += 1) {
    void run();
    await clock.advance(10);
  }
  assert.deepEqual(starts, [0, 500, 1_000]);
  await clock.advance(10_000);
  assert.equal(starts.length, 3);
  assert.equal(clock.pending(), 0);
});

test("pacedFlight: closing leaves nobody waiting for the pace", async () => {
  const { clock, starts, run, close } = paced();
  await run();
  const last = run();
  close();
  await last;
  assert.equal(starts.length, 2);
  assert.equal(clock.pending(), 0);
});
