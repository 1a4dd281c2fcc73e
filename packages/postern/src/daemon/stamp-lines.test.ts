import assert from "node:assert/strict";
import { closeSync, fstatSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { isInJournal, stampLines } from "./stamp-lines.ts";

const clock = { wallMs: () => Date.UTC(2026, 10, 24, 12, 0, 0, 123) };
const TIME = " time=2026-11-24T12:00:00.123Z";

for (const [line, stamped] of [
  ["postern: stopped", `postern: stopped${TIME}`],
  ['0123 postfix rcpt result="550 no" rules=-', `0123 postfix rcpt result="550 no" rules=-${TIME}`],
  ["0123 rules=- would=reject mode=observe", `0123 rules=-${TIME} would=reject mode=observe`],
  ["0123 rules=- mode=junk", `0123 rules=-${TIME} mode=junk`],
  ["0123 from=<a\\x20would=reject>", `0123 from=<a\\x20would=reject>${TIME}`],
] as const) {
  test(`stampLines: ${line}`, () => {
    const lines: string[] = [];
    stampLines(
      (one) => lines.push(one),
      () => true,
      clock,
    )(line);
    stampLines(
      (one) => lines.push(one),
      () => false,
      clock,
    )(line);
    assert.deepEqual(lines, [stamped, line]);
  });
}

test("isInJournal: only where JOURNAL_STREAM names the very stream", () => {
  const folder = openSync(tmpdir(), "r");
  const { dev, ino } = fstatSync(folder);
  assert.equal(isInJournal({ JOURNAL_STREAM: `${dev}:${ino}` }, folder), true);
  assert.equal(isInJournal({ JOURNAL_STREAM: `${dev}:${ino + 1}` }, folder), false);
  assert.equal(isInJournal({ JOURNAL_STREAM: "nonsense" }, folder), false);
  assert.equal(isInJournal({}, folder), false);
  closeSync(folder);
});
