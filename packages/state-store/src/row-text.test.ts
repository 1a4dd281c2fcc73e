import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeRow, encodeRow } from "./row-text.ts";

const cases: readonly { name: string; text: string; fields?: Record<string, number> }[] = [
  { name: "two fields", text: "a=1;b=-2.5e-7", fields: { a: 1, b: -2.5e-7 } },
  {
    name: "as Lua writes it",
    text: "n=1.5e+36;m=0.10000000000000001",
    fields: { n: 1.5e36, m: 0.1 },
  },
  { name: "nothing", text: "" },
  { name: "no number", text: "a=" },
  { name: "no name", text: "=1" },
  { name: "hexadecimal", text: "a=0x10" },
  { name: "infinite", text: "a=Infinity" },
  { name: "beyond a double", text: "a=1e999" },
  { name: "twice", text: "a=1;a=1" },
  { name: "the prototype", text: "__proto__=1" },
  { name: "an end too many", text: "a=1;" },
  { name: "blanks", text: "a= 1" },
  { name: "too long", text: `a=1${"0".repeat(8_192)}` },
];

for (const { name, text, fields } of cases) {
  test(`decodeRow: ${name}`, () => {
    const row = decodeRow(text);
    assert.deepEqual(row && Object.fromEntries(row), fields);
  });
}

test("decodeRow of encodeRow gives the same doubles", () => {
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,20}$/);
  const value = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0);
  const rows = fc.dictionary(name, value, { minKeys: 1, maxKeys: 64, noNullPrototype: true });
  fc.assert(
    fc.property(rows, (row) => {
      const fields = new Map(Object.entries(row));
      const text = encodeRow(fields);
      if (text.length <= 8_192) assert.deepEqual(decodeRow(text), fields);
    }),
  );
});

test("decodeRow of anything gives a row or nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab=;1.e+-_ \0\xff") }), (text) => {
      const row = decodeRow(text);
      assert.ok(row === undefined || [...row.values()].every(Number.isFinite));
    }),
  );
});
