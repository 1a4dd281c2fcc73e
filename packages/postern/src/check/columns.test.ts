import assert from "node:assert/strict";
import { test } from "node:test";
import { alignColumns } from "./columns.ts";

test("alignColumns: columns are as wide as their widest cell, lines have no blanks at their end", () =>
  assert.deepEqual(
    alignColumns([
      ["a", "bb"],
      ["ccc", ""],
    ]),
    ["a    bb", "ccc"],
  ));

test("alignColumns: a cell may hold several lines", () =>
  assert.deepEqual(alignColumns([["a", "1\n2", "x"]]), ["a  1  x", "   2"]));

test("alignColumns: the column that gives way is broken at blanks to keep to the width", () => {
  const text = "550 5.7.1 your network is listed at list.example, see the page";
  const lines = alignColumns([["rule", text, "file"]], { column: 1, width: 50 });
  assert.deepEqual(lines, [
    "rule  550 5.7.1 your network is listed at  file",
    "      list.example, see the page",
  ]);
});

test("alignColumns: no column is made unreadable, and no word broken", () => {
  const word = "x".repeat(40);
  assert.deepEqual(alignColumns([["a", `b c ${word}`]], { column: 1, width: 10 }), [
    "a  b c",
    `   ${word}`,
  ]);
});

test("alignColumns: nothing gives nothing", () => assert.deepEqual(alignColumns([]), []));
