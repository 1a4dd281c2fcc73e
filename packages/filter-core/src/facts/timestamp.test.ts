import assert from "node:assert/strict";
import { test } from "node:test";
import { secondsOf } from "./timestamp.ts";

const times: Record<string, number | undefined> = {
  "1970-01-01T00:00:00Z": 0,
  "1969-12-31T23:59:59Z": -1,
  "2000-02-29T00:00:00Z": 951_782_400,
  "2000-03-01T00:00:00Z": 951_868_800,
  "2026-11-24T12:00:00.000Z": 1_795_521_600,
  "2026-11-24T12:00:00.999+00:00": 1_795_521_600,
  "2100-02-28T23:59:59Z": 4_107_542_399,
  "2100-03-01T00:00:00Z": 4_107_542_400,
  "0001-01-01T00:00:00Z": -62_135_596_800,
  "9999-12-31T23:59:59Z": 253_402_300_799,
  "+010000-01-01T00:00:00Z": 253_402_300_800,
  "2026-11-24T12:00:00+01:00": undefined,
  "2026-11-24 12:00:00Z": undefined,
  "2026-13-01T00:00:00Z": undefined,
  "2026-01-00T00:00:00Z": undefined,
  "": undefined,
  unreadable: undefined,
};
for (const [text, seconds] of Object.entries(times)) {
  test(`secondsOf: ${text || "(empty)"}`, () => assert.equal(secondsOf(text), seconds));
}
