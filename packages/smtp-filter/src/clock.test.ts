import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "./clock.ts";
import { fakeClock } from "./testing/fake-clock.ts";

test("systemClock: after() runs once, and not when cancelled", async () => {
  const ran: string[] = [];
  systemClock.after(1, () => ran.push("cancelled"))();
  await new Promise<void>((resolve) => systemClock.after(2, resolve));
  assert.deepEqual(ran, []);
});

test("systemClock: what is overdue runs, and Node warns of nothing", async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error): void => void warnings.push(name);
  process.on("warning", note);
  await new Promise<void>((resolve) => systemClock.after(-1, resolve));
  process.off("warning", note);
  assert.deepEqual(warnings, []);
});

test("systemClock: time does not run backwards, wall time is Unix time", () => {
  const before = systemClock.nowMs();
  assert.ok(systemClock.nowMs() >= before);
  assert.ok(systemClock.wallMs() > Date.UTC(2026, 0, 1));
});

test("fakeClock: runs what falls due, in order, also what a timer adds", async () => {
  const clock = fakeClock();
  const ran: string[] = [];
  clock.after(20, () => ran.push("20"));
  clock.after(10, () => {
    ran.push("10");
    clock.after(5, () => ran.push("15"));
  });
  clock.after(31, () => ran.push("31"));
  await clock.advance(30);
  assert.deepEqual(ran, ["10", "15", "20"]);
  assert.equal(clock.pending(), 1);
});
