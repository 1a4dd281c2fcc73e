import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "@postern/smtp-filter/testing";
import { keepSilence } from "./silence.ts";

test("keepSilence: up to 300 ms are no silence, however often", () => {
  const silence = keepSilence(fakeClock());
  for (let i = 0; i < 1_000; i += 1) silence.note("a", 300);
  assert.equal(silence.of("a", []), 0);
});

test("keepSilence: what is under way counts with what has ended, of this network alone", async () => {
  const clock = fakeClock();
  const silence = keepSilence(clock);
  silence.note("a", 1_000);
  silence.note("a", 400);
  const since = clock.nowMs();
  await clock.advance(500);
  assert.equal(silence.of("a", [since, since]), 12);
  assert.equal(silence.of("b", []), 0);
});

test("keepSilence: a minute after the last it is forgotten", async () => {
  const clock = fakeClock();
  const silence = keepSilence(clock);
  silence.note("a", 2_000);
  await clock.advance(59_999);
  assert.equal(silence.of("a", []), 17);
  await clock.advance(2);
  assert.equal(silence.of("a", []), 0);
});

test("keepSilence: 10,000 networks are remembered", () => {
  const silence = keepSilence(fakeClock());
  for (let i = 0; i <= 10_000; i += 1) silence.note(String(i), 2_000);
  assert.deepEqual([silence.of("0", []), silence.of("1", [])], [0, 17]);
});
