import assert from "node:assert/strict";
import { test } from "node:test";
import { splitMessage } from "./split-message.ts";

const cases: readonly {
  name: string;
  message: string;
  fields: readonly (readonly [string, string])[];
  body: string;
}[] = [
  {
    name: "CRLF lines and a fold",
    message: "Subject: a\r\n\tb\r\nTo:c\r\n\r\nx\r\n",
    fields: [
      ["Subject", " a\n\tb"],
      ["To", "c"],
    ],
    body: "x\r\n",
  },
  {
    name: "LF lines, no last line end",
    message: "A: 1\n\nx\ny",
    fields: [["A", " 1"]],
    body: "x\r\ny\r\n",
  },
  { name: "no body", message: "A: 1\r\n", fields: [["A", " 1"]], body: "" },
  { name: "no header", message: "\r\nx\r\n", fields: [], body: "x\r\n" },
  {
    name: "a line that is not a field",
    message: "A: 1\nhello\n\nx\n",
    fields: [["A", " 1"]],
    body: "hello\r\n\r\nx\r\n",
  },
  { name: "a fold that continues nothing", message: " x\n", fields: [], body: " x\r\n" },
  {
    name: "bytes above 127",
    message: "A: \xff\n\n\xfe\n",
    fields: [["A", " \xff"]],
    body: "\xfe\r\n",
  },
  { name: "nothing", message: "", fields: [], body: "" },
];

for (const { name, message, fields, body } of cases) {
  test(`splitMessage: ${name}`, () => {
    const split = splitMessage(Buffer.from(message, "latin1"));
    assert.deepEqual(
      split.fields.map((field) => [field.name, field.value]),
      fields,
    );
    assert.equal(Buffer.from(split.body).toString("latin1"), body);
  });
}
