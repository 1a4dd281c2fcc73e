import assert from "node:assert/strict";
import { test } from "node:test";
import { missingLine } from "./shape.ts";

const cases: readonly { name: string; page: string; printed: string; missing?: string }[] = [
  { name: "the same", page: "a\nb", printed: "a\nb\n" },
  {
    name: "ids and times differ",
    page: "a56ded3dd6cda8c2 x time=2026-11-24T12:00:00.123Z",
    printed: "0000000000000001 x time=2026-01-01T00:00:00.001Z",
  },
  { name: "another number", page: "debt=10", printed: "debt=9", missing: "debt=10" },
  { name: "any text within a line", page: "a ... c", printed: "a b b c" },
  { name: "any lines between", page: "a\n...\nd", printed: "a\nb\nc\nd" },
  { name: "any lines at the end", page: "a\n...", printed: "a\nb" },
  { name: "a line that is not there", page: "a\nb", printed: "a\nc", missing: "b" },
  { name: "one line too many", page: "a", printed: "a\nb", missing: "(nothing more, but: b)" },
  { name: "a sign is only a sign", page: "a.c", printed: "abc", missing: "a.c" },
];
for (const { name, page, printed, missing } of cases) {
  test(`missingLine: ${name}`, () => assert.equal(missingLine(page, printed), missing));
}
