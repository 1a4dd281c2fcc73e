import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "@postern/smtp-filter/testing";
import { trackUnansweredTime } from "./unanswered-time.ts";

test("trackUnansweredTime: up to 300 ms count for nothing, however often", () => {
  const time = trackUnansweredTime(fakeClock());
  for (let i = 0; i < 1_000; i += 1) time.note("a", 300);
  assert.equal(time.of("a", []), 0);
});

test("trackUnansweredTime: what is under way counts with what has ended, of this network alone", async () => {
  const clock = fakeClock();
  const time = trackUnansweredTime(clock);
  time.note("a", 1_000);
  time.note("a", 400);
  const since = clock.nowMs();
  await clock.advance(500);
  assert.equal(time.of("a", [since, since]), 12);
  assert.equal(time.of("b", []), 0);
});

test("trackUnansweredTime: a minute after the last it is forgotten", async () => {
  const clock = fakeClock();
  const time = trackUnansweredTime(clock);
  time.note("a", 2_000);
  await clock.advance(59_999);
  assert.equal(time.of("a", []), 17);
  await clock.advance(2);
  assert.equal(time.of("a", []), 0);
});

test("trackUnansweredTime: 10,000 networks are remembered", () => {
  const time = trackUnansweredTime(fakeClock());
  for (let i = 0; i <= 10_000; i += 1) time.note(String(i), 2_000);
  assert.deepEqual([time.of("0", []), time.of("1", [])], [0, 17]);
});
