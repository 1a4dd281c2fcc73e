import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readDate } from "./date.ts";

const cases: readonly [name: string, value: string, date: string | undefined][] = [
  ["the usual form", " Tue, 24 Nov 2026 12:34:56 +0100", "2026-11-24T11:34:56.000Z"],
  ["no day of the week", "24 Nov 2026 12:34:56 +0100", "2026-11-24T11:34:56.000Z"],
  ["another day of the week", "Mon, 24 Nov 2026 12:34:56 +0100", "2026-11-24T11:34:56.000Z"],
  ["no seconds", "Tue, 24 Nov 2026 12:34 +0000", "2026-11-24T12:34:00.000Z"],
  ["one digit of a day", "Sun, 1 Nov 2026 00:00:00 +0000", "2026-11-01T00:00:00.000Z"],
  ["two digits of a day", "Sun, 01 Nov 2026 00:00:00 +0000", "2026-11-01T00:00:00.000Z"],
  ["west", "24 Nov 2026 20:00:00 -0530", "2026-11-25T01:30:00.000Z"],
  ["no zone known", "24 Nov 2026 12:00:00 -0000", "2026-11-24T12:00:00.000Z"],
  ["the largest zone", "24 Nov 2026 12:00:00 +9959", "2026-11-20T08:01:00.000Z"],
  ["into the last year", "1 Jan 2026 00:30:00 +0100", "2025-12-31T23:30:00.000Z"],
  ["into the next year", "31 Dec 2026 23:30:00 -0100", "2027-01-01T00:30:00.000Z"],
  ["a leap second", "31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00.000Z"],
  ["a leap day", "29 Feb 2028 12:00:00 +0000", "2028-02-29T12:00:00.000Z"],
  ["a comment behind", "24 Nov 2026 12:00:00 +0100 (CET)", "2026-11-24T11:00:00.000Z"],
  [
    "comments everywhere",
    "(a)Tue(b),(c)24(d)Nov(e)2026(f)12(g):(h)00(i):(j)00(k)+0100(l)",
    "2026-11-24T11:00:00.000Z",
  ],
  ["nested comments", "24 Nov 2026 (a (b) \\) c) 12:00:00 +0000", "2026-11-24T12:00:00.000Z"],
  ["8-bit in a comment", "24 Nov 2026 12:00:00 +0000 (\xfc)", "2026-11-24T12:00:00.000Z"],
  ["more blanks", "  Tue ,\t24  Nov  2026  12 : 00 : 00   GMT ", "2026-11-24T12:00:00.000Z"],
  ["a fold", "Tue, 24 Nov 2026\r\n 12:00:00 +0000", "2026-11-24T12:00:00.000Z"],
  ["a fold as LF", "\n Tue, 24 Nov 2026\n\t12:00:00 +0000\n ", "2026-11-24T12:00:00.000Z"],
  ["no blank before the zone", "24 Nov 2026 12:00:00+0100", "2026-11-24T11:00:00.000Z"],
  ["no blank behind the comma", "Tue,24 Nov 2026 12:00:00 +0100", "2026-11-24T11:00:00.000Z"],
  ["another case", "TUE, 24 nOV 2026 12:00:00 gmt", "2026-11-24T12:00:00.000Z"],
  ["two digits of a year, this century", "24 Nov 26 12:00:00 GMT", "2026-11-24T12:00:00.000Z"],
  ["two digits of a year, 49", "24 Nov 49 12:00:00 GMT", "2049-11-24T12:00:00.000Z"],
  ["two digits of a year, 50", "24 Nov 50 12:00:00 GMT", "1950-11-24T12:00:00.000Z"],
  ["two digits of a year, 97", "24 Nov 97 12:00:00 GMT", "1997-11-24T12:00:00.000Z"],
  ["three digits of a year", "24 Nov 126 12:00:00 GMT", "2026-11-24T12:00:00.000Z"],
  ["UT", "24 Nov 2026 12:00:00 UT", "2026-11-24T12:00:00.000Z"],
  ["UTC", "24 Nov 2026 12:00:00 UTC", "2026-11-24T12:00:00.000Z"],
  ["EST", "24 Nov 2026 12:00:00 EST", "2026-11-24T17:00:00.000Z"],
  ["EDT", "24 Nov 2026 12:00:00 EDT", "2026-11-24T16:00:00.000Z"],
  ["CST", "24 Nov 2026 12:00:00 CST", "2026-11-24T18:00:00.000Z"],
  ["CDT", "24 Nov 2026 12:00:00 CDT", "2026-11-24T17:00:00.000Z"],
  ["MST", "24 Nov 2026 12:00:00 MST", "2026-11-24T19:00:00.000Z"],
  ["MDT", "24 Nov 2026 12:00:00 MDT", "2026-11-24T18:00:00.000Z"],
  ["PST", "24 Nov 2026 12:00:00 PST", "2026-11-24T20:00:00.000Z"],
  ["PDT", "24 Nov 2026 12:00:00 PDT", "2026-11-24T19:00:00.000Z"],
  ["a zone nobody knows", "24 Nov 2026 12:00:00 CEST", "2026-11-24T12:00:00.000Z"],
  ["a military zone", "24 Nov 2026 12:00:00 A", "2026-11-24T12:00:00.000Z"],
  ["the military Z", "24 Nov 2026 12:00:00 Z", "2026-11-24T12:00:00.000Z"],
  ["the military J, which is none", "24 Nov 2026 12:00:00 J", undefined],
  ["the first year", "1 Jan 1900 00:00:00 +0000", "1900-01-01T00:00:00.000Z"],
  ["before the first year", "31 Dec 1899 00:00:00 +0000", undefined],
  ["the last moment", "31 Dec 9999 23:59:59 +0000", "9999-12-31T23:59:59.000Z"],
  ["behind the last moment", "31 Dec 9999 23:59:59 -0001", undefined],
  ["five digits of a year", "24 Nov 12026 12:00:00 +0000", undefined],
  ["one digit of a year", "24 Nov 6 12:00:00 +0000", undefined],
  ["nothing", "", undefined],
  ["a blank", " ", undefined],
  ["a comment", "(24 Nov 2026 12:00:00 +0000)", undefined],
  ["31 February", "31 Feb 2026 12:00:00 +0000", undefined],
  ["29 February of no leap year", "29 Feb 2026 12:00:00 +0000", undefined],
  ["29 February 1900", "29 Feb 1900 12:00:00 +0000", undefined],
  ["31 April", "31 Apr 2026 12:00:00 +0000", undefined],
  ["day 0", "0 Nov 2026 12:00:00 +0000", undefined],
  ["day 32", "32 Dec 2026 12:00:00 +0000", undefined],
  ["hour 24", "24 Nov 2026 24:00:00 +0000", undefined],
  ["minute 60", "24 Nov 2026 12:60:00 +0000", undefined],
  ["second 61", "24 Nov 2026 12:00:61 +0000", undefined],
  ["zone minute 60", "24 Nov 2026 12:00:00 +0060", undefined],
  ["a zone of three digits", "24 Nov 2026 12:00:00 +100", undefined],
  ["no zone", "24 Nov 2026 12:00:00", undefined],
  ["no time", "24 Nov 2026", undefined],
  ["one digit of an hour", "24 Nov 2026 9:00:00 +0000", undefined],
  ["a month of four letters", "24 Sept 2026 12:00:00 +0000", undefined],
  ["a month nobody knows", "24 Foo 2026 12:00:00 +0000", undefined],
  ["a day of the week nobody knows", "Die, 24 Nov 2026 12:00:00 +0000", undefined],
  ["a day of the week without a comma", "Tue 24 Nov 2026 12:00:00 +0000", undefined],
  ["RFC 3339", "2026-11-24T12:00:00Z", undefined],
  ["ctime", "Tue Nov 24 12:00:00 2026", undefined],
  ["more behind", "24 Nov 2026 12:00:00 +0000 x", undefined],
  ["an open comment", "24 Nov 2026 12:00:00 +0000 (CET", undefined],
  ["a closing parenthesis", "24 Nov 2026 12:00:00 +0000 CET)", undefined],
  ["a NUL", "24 Nov 2026 12:00:00 +0000\0", undefined],
  ["other digits", "２４ Nov 2026 12:00:00 +0000", undefined],
  ["a no-break space", "24\xa0Nov 2026 12:00:00 +0000", undefined],
  ["200 bytes", "24 Nov 2026 12:00:00 +0000".padEnd(200), "2026-11-24T12:00:00.000Z"],
  ["201 bytes", "24 Nov 2026 12:00:00 +0000".padEnd(201), undefined],
];

for (const [name, value, date] of cases) {
  test(`readDate: ${name}`, () => assert.equal(readDate(value), date));
}

const anyBytes = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("latin1"));

test("property: any text gives a date in RFC 3339, or none", () => {
  const piece = fc.constantFrom(..."Tue|,| |24|Nov|2026|12|:|00|+0000|GMT|(|)|\\|\r\n ".split("|"));
  const pieces = fc.array(piece, { maxLength: 20 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(anyBytes, pieces), (value) => {
      const date = readDate(value);
      if (date !== undefined) assert.equal(new Date(date).toISOString(), date);
    }),
  );
});

test("property: what toUTCString prints is read as it was", () => {
  const day = fc.date({
    min: new Date("1900-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(day, (moment) => {
      moment.setUTCMilliseconds(0);
      assert.equal(readDate(moment.toUTCString()), moment.toISOString());
    }),
  );
});
