import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "@postern/smtp-filter";
import fc from "fast-check";
import { FieldKeeper } from "./field-keeper.ts";
import { MessageReader } from "./message-reader.ts";

interface Shown {
  readonly fields: [name: string, value: string][];
  body: string;
}

interface Reading {
  readonly size?: number;
  readonly own?: (field: string) => boolean;
  readonly keeper?: FieldKeeper;
  readonly wish?: () => "enough" | undefined | Promise<void>;
}

async function show(
  text: string,
  { size = 65_536, own = () => false, keeper = new FieldKeeper(), wish }: Reading = {},
): Promise<Shown> {
  const shown: Shown = { fields: [], body: "" };
  const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
  const message: Message = {
    begun: async () => {},
    header: (name, value) => shown.fields.push([latin1(name), latin1(value)]),
    body(chunk) {
      shown.body += latin1(chunk);
      return wish?.();
    },
    end: async () => ({ kind: "continue" }),
  };
  const reader = new MessageReader(message, keeper, own);
  for (let at = 0; at < text.length && !reader.hasEnough; at += size)
    await reader.take(Buffer.from(text.slice(at, at + size), "latin1"));
  reader.end();
  return shown;
}

for (const { name, text, fields, body = "" } of [
  {
    name: "header and body",
    text: "A: 1\nB:2\n\nx\ny\n",
    fields: [
      ["A", " 1"],
      ["B", "2"],
    ],
    body: "x\r\ny\r\n",
  },
  { name: "folds as LF", text: "A: 1\n\t2\n  3\n\n", fields: [["A", " 1\n\t2\n  3"]] },
  { name: "a fold of blanks only", text: "A: 1\n \n 2\n\n", fields: [["A", " 1\n \n 2"]] },
  { name: "blanks before the colon", text: "A \t: 1\n\n", fields: [["A \t", " 1"]] },
  {
    name: "nothing hides behind a line that is not a field",
    text: "no field\n fold\nA: 1\n\nx",
    fields: [["A", " 1"]],
    body: "x",
  },
  {
    name: "a name is folded before its colon, more than once",
    text: "From\n : 1\nB \n \n\t\n : 2\n 3\nC\n d: 4\nE\nF: 5\n\n",
    fields: [
      ["From\n ", " 1"],
      ["B \n \n\t\n ", " 2\n 3"],
      ["F", " 5"],
    ],
  },
  {
    name: "what some readers take for blanks stands before the colon",
    text: "A\r: 1\nB\0: 2\nC\xa0\v\f: 3\n\n",
    fields: [
      ["A\r", " 1"],
      ["B\0", " 2"],
      ["C\xa0\v\f", " 3"],
    ],
  },
  { name: "a fold at the top", text: " fold\nA: 1\n\n", fields: [["A", " 1"]] },
  { name: "no body", text: "A: 1\n", fields: [["A", " 1"]] },
  { name: "no end of line", text: "A: 1", fields: [["A", " 1"]] },
  { name: "no header", text: "\nx\n", fields: [], body: "x\r\n" },
  { name: "nothing", text: "", fields: [] },
  { name: "empty lines", text: "A: 1\n\n\n\n", fields: [["A", " 1"]], body: "\r\n\r\n" },
  {
    name: "a bare CR is a byte like others",
    text: "A: 1\r2\n\nx\ry\r\n",
    fields: [["A", " 1\r2"]],
    body: "x\ry\r\r\n",
  },
  {
    name: "NUL and 8-bit",
    text: "A: \0\xff\n\n\0\xff\n",
    fields: [["A", " \0\xff"]],
    body: "\0\xff\r\n",
  },
  {
    name: "a dot is not stuffed",
    text: "A: 1\n\n.\n..x\n",
    fields: [["A", " 1"]],
    body: ".\r\n..x\r\n",
  },
] satisfies { name: string; text: string; fields: [string, string][]; body?: string }[]) {
  test(`MessageReader: ${name}`, async () => {
    for (const size of [1, 2, 5, 1000])
      assert.deepEqual(await show(text, { size }), { fields, body }, `in pieces of ${size}`);
  });
}

test("MessageReader: any cut of any message gives the same", async () => {
  const text = fc.string({
    unit: fc.constantFrom("A", ":", "\n", " ", "\r", "b", "\0", "\xff"),
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 20 }), async (message, size) =>
      assert.deepEqual(await show(message, { size }), await show(message)),
    ),
    { numRuns: 500 },
  );
});

test("MessageReader: a body of any lines comes whole, with CRLF, whatever a chunk holds", async () => {
  for (const body of [
    "\n".repeat(200_000),
    "x".repeat(200_001),
    `${"y".repeat(65_534)}\n`.repeat(3),
    `${"z".repeat(65_535)}\n\n`.repeat(3),
  ]) {
    const shown = await show(`A: 1\n\n${body}`, { wish: () => Promise.resolve() });
    assert.ok(shown.body === body.replaceAll("\n", "\r\n"));
  }
});

test("MessageReader: enough is enough", async () => {
  const shown = await show(`A: 1\n\n${"x\n".repeat(100_000)}`, { wish: () => "enough" });
  assert.ok(shown.body.length > 0 && shown.body.length <= 65_536);
});

test("MessageReader: of a field that is longer than 256 KiB the rest is not shown", async () => {
  const { fields } = await show(
    `A:${"x".repeat(300_000)}\nB:1\n C${" y\n".repeat(150_000)}D:2\n\n`,
  );
  assert.deepEqual(
    fields.map(([name]) => name),
    ["A", "B", "D"],
  );
  for (const [name, value] of fields) assert.ok(name.length + value.length <= 262_144);
});

test("MessageReader: only the topmost Received can be the mail server's own", async () => {
  const own = (field: string) => field.includes("id 1abc");
  const received = "Received: by y.test id 1abc\n";
  assert.deepEqual(
    (await show(`${received}A: 1\n${received}\n`, { own })).fields.map(([name]) => name),
    ["A", "Received"],
  );
  assert.deepEqual((await show("Received: by x.test\nA: 1\n\n", { own })).fields.length, 2);
});

test("FieldKeeper: gives back what is not meant, in its order", async () => {
  const keeper = new FieldKeeper();
  await show("X: 1\nY: 1\nx : 2\n\tfold\nX: 3\nY: 2\n\n", { keeper });
  const removals = new Map([
    ["x", new Set([2])],
    ["y", new Set([1, 2])],
    ["z", new Set([1])],
  ]);
  assert.deepEqual(keeper.innocent(removals), { fields: ["X: 1", "X: 3"], missing: 0 });
});

test("FieldKeeper: counts what it has no room for", async () => {
  const keeper = new FieldKeeper();
  await show(`X: 1\nX: ${"y".repeat(9000)}\nX: 3\n\n`, { keeper });
  const kept = keeper.innocent(new Map([["x", new Set([1])]]));
  assert.deepEqual(kept, { fields: [], missing: 2 });
  const many = new FieldKeeper();
  await show(
    `${Array.from({ length: 3000 }, (_, at) => `N${at}: ${"y".repeat(100)}\n`).join("")}X: 1\nX: 2\n\n`,
    { keeper: many },
  );
  assert.ok(many.innocent(new Map([["x", new Set([1])]])).missing > 0);
});
