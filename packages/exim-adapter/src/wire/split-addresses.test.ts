import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { comparable, splitAddresses } from "./split-addresses.ts";

for (const { name, text, addresses } of [
  { name: "none", text: "", addresses: [] },
  { name: "one", text: "a@x", addresses: ["a@x"] },
  { name: "two", text: "a@x, b@y", addresses: ["a@x", "b@y"] },
  {
    name: "a comma, blank and at in quotes",
    text: '"a, b@c"@x, d@y',
    addresses: ['"a, b@c"@x', "d@y"],
  },
  { name: "a quoted quote", text: '"a\\", b"@x, c@y', addresses: ['"a\\", b"@x', "c@y"] },
  { name: "a quoted backslash", text: '"a\\\\", b@x', addresses: ['"a\\\\"', "b@x"] },
  { name: "a comma without a blank", text: "a,b@x", addresses: ["a,b@x"] },
  { name: "a quote that does not end", text: '"a, b@x', addresses: ['"a, b@x'] },
]) {
  test(`splitAddresses: ${name}`, () => assert.deepEqual(splitAddresses(text), addresses));
}

test("splitAddresses: gives back any quoted local parts", () => {
  const address = fc
    .string({ unit: fc.constantFrom("a", "@", ",", " ", '"', "\\", "\xff"), maxLength: 8 })
    .map((local) => `"${local.replace(/["\\]/g, "\\$&")}"@x.test`);
  fc.assert(
    fc.property(fc.array(address), (addresses) =>
      assert.deepEqual(splitAddresses(addresses.join(", ")), addresses),
    ),
  );
});

for (const [one, other] of [
  ["B@Y.Test", "b@y.test"],
  ['"a b"@x', '"A\\ b"@X'],
  ['"ab"@x', "ab@x"],
] as const) {
  test(`comparable: ${one} is ${other}`, () => assert.equal(comparable(one), comparable(other)));
}

for (const [one, other] of [
  ["a@x", "b@x"],
  ["a@x", "a@y"],
  ["a", "a@a"],
] as const) {
  test(`comparable: ${one} is not ${other}`, () =>
    assert.notEqual(comparable(one), comparable(other)));
}
