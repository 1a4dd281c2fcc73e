import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readPage } from "./markdown-blocks.ts";
import { pages } from "./pages.ts";

const page = (...lines: string[]) => lines.join("\n");

test("readPage: commands, files, consoles and what a client reads, below their headings", () => {
  const { headings, blocks } = readPage(
    page(
      "# Page",
      "```sh",
      "true && false",
      "```",
      "## 1. Watch",
      "```yaml",
      "# /etc/x.yaml",
      "a: 1",
      "```",
      "```console",
      "# one",
      "1",
      "$ two",
      "```",
      "```smtp",
      "550 no",
      "```",
      "```text",
      "read",
      "```",
      "```sh example: needs root",
      "x",
      "```",
    ),
  );
  assert.deepEqual(headings, ["Page", "Watch"]);
  assert.deepEqual(blocks, [
    { kind: "sh", heading: "Page", line: 2, text: "true && false" },
    { kind: "file", heading: "Watch", line: 6, path: "/etc/x.yaml", text: "# /etc/x.yaml\na: 1\n" },
    {
      kind: "console",
      heading: "Watch",
      line: 10,
      exchanges: [
        { prompt: "#", command: "one", output: "1" },
        { prompt: "$", command: "two", output: "" },
      ],
    },
    { kind: "smtp", heading: "Watch", line: 15, text: "550 no" },
  ]);
});

const refused: readonly { name: string; lines: readonly string[]; message: RegExp }[] = [
  { name: "a block without a word", lines: ["```", "x", "```"], message: /line 1: no rule/ },
  { name: "a word that nobody knows", lines: ["```perl", "x", "```"], message: /"perl"/ },
  { name: "an indented block", lines: ["Text:", "", "    make"], message: /line 3: an indented/ },
  {
    name: "a file without a path",
    lines: ["```yaml", "a: 1", "```"],
    message: /must name its file/,
  },
  { name: "a fence that is never closed", lines: ["```sh", "x"], message: /never closed/ },
  { name: "output without a command", lines: ["```console", "x", "```"], message: /must begin/ },
  {
    name: "a failure that would go unseen",
    lines: ["```sh", "a && b", "c", "```"],
    message: /only in the last/,
  },
];
for (const { name, lines, message } of refused) {
  test(`readPage: refuses ${name}`, () => {
    assert.throws(() => readPage(page(...lines)), message);
  });
}

test("readPage: every page that is played can be, and has the headings where mail is sent", () => {
  for (const { file, before, after } of pages) {
    const { headings, blocks } = readPage(
      readFileSync(join(import.meta.dirname, "../..", file), "utf8"),
    );
    assert.ok(blocks.length > 1, file);
    for (const wanted of [...Object.keys(before), ...Object.keys(after)]) {
      assert.ok(headings.includes(wanted), `${file}: ${wanted}`);
    }
  }
});
