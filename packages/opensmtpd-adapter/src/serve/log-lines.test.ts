import assert from "node:assert/strict";
import { test } from "node:test";
import { LogLines } from "./log-lines.ts";
import { TextLines } from "./text-lines.ts";

test("LogLines: a burst passes, then so many a second, and what was left out is told", () => {
  const lines: string[] = [];
  let nowMs = 0;
  const write = (line: string) => void lines.push(line);
  const log = new LogLines({ write, burst: 3, perSecond: 2, nowMs: () => nowMs });
  for (let i = 0; i < 10; i += 1) log.log(`line ${i}`);
  assert.deepEqual(lines.splice(0), ["line 0\n", "line 1\n", "line 2\n"]);
  nowMs += 500;
  log.log("later");
  log.log("too soon");
  assert.deepEqual(lines.splice(0), ["postern: 7 lines were left out\n", "later\n"]);
  nowMs += 3_600_000;
  for (let i = 0; i < 10; i += 1) log.log(`line ${i}`);
  assert.deepEqual(lines.length, 4);
});

test("LogLines: one short line of ASCII, whatever comes", () => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = new LogLines({ write, burst: 9, perSecond: 1 });
  for (const text of ["a\r\n\tb\xff\u20ac\x1b[0m", "", "x".repeat(100_000)]) log.log(text);
  assert.deepEqual(lines, ["a?b?[0m\n", "\n", `${"x".repeat(900)}...\n`]);
});

test("TextLines: lines across chunks, and one that never ends", () => {
  const lines: string[] = [];
  const text = new TextLines((line) => lines.push(line));
  for (const chunk of ["a", "b\nc\n\nd", "e\n", "x".repeat(10_000), "y".repeat(10_000), "z\nf"])
    text.push(Buffer.from(chunk));
  text.end();
  assert.deepEqual(lines.slice(0, 3), ["ab", "c", "de"]);
  assert.ok((lines[3] ?? "").length <= 4_096 + 10_001);
  assert.deepEqual(lines.slice(4), ["f"]);
});
