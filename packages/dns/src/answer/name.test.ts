import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalName } from "./name.ts";

const cases = [
  { text: "Mail.Example.COM.", name: "mail.example.com" },
  { text: "_dmarc.example.com", name: "_dmarc.example.com" },
  { text: "é.example.com", name: "é.example.com" },
  { text: `${"a".repeat(63)}.test`, name: `${"a".repeat(63)}.test` },
  { text: `${"a".repeat(64)}.test`, name: undefined },
  { text: `${"a.".repeat(126)}a`, name: `${"a.".repeat(126)}a` },
  { text: `${"a.".repeat(126)}ab`, name: undefined },
  { text: "a..b", name: undefined },
  { text: ".a", name: undefined },
  { text: "a..", name: undefined },
  { text: ".", name: undefined },
  { text: "", name: undefined },
] as const;
for (const { text, name } of cases) {
  test(`canonicalName: ${JSON.stringify(text.slice(0, 30))}`, () =>
    assert.equal(canonicalName(text), name));
}

test("canonicalName: is its own canonical name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      const name = canonicalName(text);
      if (name !== undefined) assert.equal(canonicalName(name), name);
    }),
  );
});
