import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderFacts } from "../facts/authentication.ts";
import { honest, plainHeader } from "../testing/samples.ts";
import { findingsOf, idsSeen } from "../testing/seen.ts";
import { formatRules } from "./format.ts";

const now = "2026-11-24T12:00:00.000Z";
const dated = (date: HeaderFacts["date"]): HeaderFacts => ({ ...plainHeader, date });

const cases: readonly [string, HeaderFacts, readonly string[]][] = [
  ["an honest header", plainHeader, []],
  ["no Message-ID", { ...plainHeader, hasMessageId: false }, ["format.no-message-id"]],
  ["no Date", dated(null), ["format.no-date"]],
  ["a Date that is none", dated("unreadable"), ["format.odd-date"]],
  ["seven days ago", dated("2026-11-17T12:00:00Z"), []],
  ["a second more", dated("2026-11-17T11:59:59Z"), ["format.odd-date"]],
  ["seven days ahead", dated("2026-12-01T12:00:00Z"), []],
  ["a second more ahead", dated("2026-12-01T12:00:01Z"), ["format.odd-date"]],
  ["the beginning of time", dated("1970-01-01T00:00:00Z"), ["format.odd-date"]],
  ["a year of five digits", dated("+012026-11-24T12:00:00.000Z"), ["format.odd-date"]],
  ["a fact that is no point in time", dated("yesterday"), []],
];
for (const [name, header, ids] of cases) {
  test(`format: ${name}`, () =>
    assert.deepEqual(idsSeen(formatRules, { ...honest, now, header }), ids));
}

test("format: nothing before the header is known", () => {
  const { header: _, ...facts } = honest;
  assert.deepEqual(idsSeen(formatRules, facts), []);
});

test("format.odd-date: says how far off, and where the field is not a date", () => {
  const say = (date: HeaderFacts["date"]) =>
    findingsOf(formatRules, { ...honest, now, header: dated(date) }).get("format.odd-date")
      ?.explanation;
  assert.equal(say("2026-11-04T00:00:00Z"), "Date is 20 days in the past");
  assert.equal(say("2027-11-24T12:00:00Z"), "Date is 365 days in the future");
  assert.equal(say("unreadable"), "the Date field is not a valid date");
});
