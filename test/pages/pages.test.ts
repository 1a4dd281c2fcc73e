import assert from "node:assert/strict";
import { test } from "node:test";
import { type CodeBlock, codeBlocks } from "./code-blocks.ts";
import { checkShell } from "./shell-blocks.ts";
import { checkTypescript } from "./typescript-blocks.ts";

const page = (...lines: string[]) => codeBlocks("page.md", lines.join("\n"));

test("codeBlocks: language, note, line and text, without the indent of a list", () => {
  const wanted: CodeBlock[] = [
    { file: "page.md", line: 2, language: "sh", note: "example: needs root", text: "id\n" },
    { file: "page.md", line: 6, language: "ts", note: "", text: "a;\n  b;\n" },
  ];
  assert.deepEqual(
    page(
      "# A",
      "```sh example: needs root",
      "id",
      "```",
      "- item",
      "  ```ts",
      "  a;",
      "    b;",
      "  ```",
    ),
    wanted,
  );
});

test("codeBlocks: a fence that is never closed is an error with its line", () => {
  assert.throws(() => page("", "```ts", "a"), { name: "SyntaxError", message: /^page\.md:2: / });
});

test("checkTypescript: an error is told at the page's line", () => {
  const [problem, ...others] = checkTypescript(
    page("```ts", 'export const ok: string = "";', "export const bad: string = 1;", "```"),
  );
  assert.match(problem ?? "", /^page\.md:3: error TS2322/);
  assert.deepEqual(others, []);
});

test("checkTypescript: blocks of a page import each other, and what is printed is compared", () => {
  const own = ["```ts", "// one.ts", "export const one = 1;", "```"];
  const prints = ["```ts", 'import { one } from "./one.ts";', "console.log(one);", "```"];
  const printed = (text: string) => page(...own, ...prints, "```text printed", text, "```");
  assert.deepEqual(checkTypescript(printed("1")), []);
  assert.match(checkTypescript(printed("2")).join(), /^page\.md:5: did not print\n2\nbut\n1\n$/);
});

const shells: readonly { name: string; lines: readonly string[]; problems: readonly RegExp[] }[] = [
  { name: "a command that works", lines: ["```sh", "postern --version", "```"], problems: [] },
  { name: "one that fails", lines: ["```sh", "false", "true", "```"], problems: [/^page\.md:1: /] },
  { name: "a reason", lines: ["```sh example: needs root", "false", "```"], problems: [] },
  { name: "no reason", lines: ["```sh example", "false", "```"], problems: [/:1: say why/] },
  { name: "a console", lines: ["```console", "$ id", "```"], problems: [/:1: nobody plays it/] },
];
for (const { name, lines, problems } of shells) {
  test(`checkShell: ${name}`, () => {
    const told = checkShell(page(...lines));
    assert.equal(told.length, problems.length, told.join("\n"));
    for (const [index, problem] of problems.entries()) assert.match(told[index] ?? "", problem);
  });
}
