import assert from "node:assert/strict";
import { test } from "node:test";
import { RelaxedBody } from "./relaxed-body.ts";
import { SimpleBody } from "./simple-body.ts";

/** Within a body the simple form hashes an LF as it is: only at the end it is taken for more than it is. */
const bodies: readonly [body: string, relaxed: boolean, simple: boolean][] = [
  ["", false, false],
  ["a\r\nb\r\n", false, false],
  ["a\r\n\r\n \r\n", false, false],
  ["a\rb\r\n", false, false],
  ["a\nb\r\n", true, false],
  ["a\r\n\nb\r\n", true, false],
  ["a \nb\r\n", true, false],
  ["a\r\n\n", true, true],
  ["a\n", true, true],
  ["\n", true, true],
  ["a\r\r\nb\r\n", false, false],
];

for (const [body, relaxed, simple] of bodies) {
  test(`hasBareLineFeed: ${JSON.stringify(body)}, in any cut`, () => {
    for (let cut = 1; cut <= Math.max(1, body.length); cut += 1) {
      for (const [hash, expected] of [
        [new RelaxedBody("sha256"), relaxed],
        [new SimpleBody("sha256"), simple],
      ] as const) {
        for (let at = 0; at < body.length; at += cut)
          hash.update(Buffer.from(body.slice(at, at + cut), "latin1"));
        hash.digest("base64");
        assert.equal(hash.hasBareLineFeed, expected, `${hash.constructor.name}, cut ${cut}`);
      }
    }
  });
}
