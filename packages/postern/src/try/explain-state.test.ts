import assert from "node:assert/strict";
import { test } from "node:test";
import { restsOn } from "./explain-state.ts";

const NOW_MS = Date.parse("2026-11-24T12:00:00Z");
const state = { place: "redis://h/0", isRead: true, reason: null, learningDays: null };

for (const [lastWritten, learningDays, end] of [
  [null, null, ""],
  ["2026-11-24T11:59:30Z", null, ", last written less than a minute ago"],
  ["2026-11-24T11:58:59Z", null, ", last written 1 minute ago"],
  ["2026-11-24T09:00:00Z", 0, ", last written 3 hours ago, learning since 2026-11-24"],
  ["2026-11-04T09:00:00Z", 54, ", last written 20 days ago, learning since 2026-10-01"],
  ["2026-11-25T09:00:00Z", null, ", last written less than a minute ago"],
] as const) {
  test(`restsOn: last written ${lastWritten}, learning for ${learningDays} days`, () =>
    assert.deepEqual(restsOn({ file: "x" }, { ...state, lastWritten, learningDays }, NOW_MS), [
      `what was learned: read from redis://h/0${end}`,
    ]));
}
