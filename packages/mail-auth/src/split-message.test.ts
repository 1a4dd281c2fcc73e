import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { splitMessage } from "./split-message.ts";

const cases: readonly [
  name: string,
  message: string,
  fields: readonly (readonly [string, string])[],
  body: string,
][] = [
  ["a field and a body", "A: 1\r\n\r\nb\r\n", [["A", " 1"]], "b\r\n"],
  [
    "folds stay",
    "A: 1\r\n 2\r\n\t3\r\nB:\r\n\r\n",
    [
      ["A", " 1\r\n 2\r\n\t3"],
      ["B", ""],
    ],
    "",
  ],
  ["no header", "\r\nbody", [], "body"],
  [
    "no body",
    "A: 1\r\nB: 2\r\n",
    [
      ["A", " 1"],
      ["B", " 2"],
    ],
    "",
  ],
  ["no line end", "A: 1", [["A", " 1"]], ""],
  ["a body that begins with a blank", "A: 1\r\n\r\n b", [["A", " 1"]], " b"],
  [
    "a line that is no field begins the body",
    "A: 1\r\nnone\r\nB: 2\r\n\r\n",
    [["A", " 1"]],
    "none\r\nB: 2\r\n\r\n",
  ],
  ["a field without a name begins the body", ": 1\r\n\r\n", [], ": 1\r\n\r\n"],
  ["a bare LF ends no line", "A: 1\nB: 2\r\n\r\n", [["A", " 1\nB: 2"]], ""],
  ["a bare CR ends no line", "A: 1\rB: 2\r\n\r\n", [["A", " 1\rB: 2"]], ""],
  ["nothing", "", [], ""],
];

for (const [name, message, fields, body] of cases)
  test(`splitMessage: ${name}`, () => {
    const split = splitMessage(Buffer.from(message, "latin1"));
    assert.deepEqual(
      split.fields.map((field) => [text(field.name), text(field.value)]),
      fields,
    );
    assert.equal(text(split.body), body);
  });

test("splitMessage: whatever comes, nothing but line ends is lost", () => {
  const pieces = fc.array(fc.constantFrom("A", ":", " ", "\t", "\r", "\n", "\r\n", "\0", "\xff"));
  fc.assert(
    fc.property(pieces, (made) => {
      const message = made.join("");
      const { fields, body } = splitMessage(Buffer.from(message, "latin1"));
      const head = fields.map(({ name, value }) => `${text(name)}:${text(value)}`).join("\r\n");
      assert.ok(
        [
          head + text(body),
          `${head}\r\n${text(body)}`,
          `${head}\r\n\r\n${text(body)}`,
          `\r\n${text(body)}`,
        ].includes(message),
      );
    }),
  );
});

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
