import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  decodeAnswer,
  encodeAnswer,
  encodeRequest,
  MAX_HEADER_BYTES,
  type Request,
  RequestReader,
} from "./wire.ts";

function read(...chunks: readonly string[]): Request {
  const reader = new RequestReader();
  let request: Request = { kind: "more" };
  for (const chunk of chunks) {
    if (request.kind !== "more") break;
    request = reader.push(Buffer.from(chunk, "latin1"));
  }
  return request;
}

for (const [name, text, kind] of [
  ["a header", "postern-learn 1 spam\nA: b\n c\n\n", "whole"],
  ["CRLF, and a body behind", "postern-learn 1 ham\r\nA: b\r\n\r\nbody", "whole"],
  ["an empty header", "postern-learn 1 ham\n\n", "whole"],
  ["no empty line yet", "postern-learn 1 spam\nA: b\n", "more"],
  ["another mark", "postern-learn 1 maybe\n\n", "wrong"],
  ["another version", "postern-learn 2 spam\n\n", "wrong"],
  ["no line at all", "x".repeat(65), "wrong"],
  ["too long", `postern-learn 1 spam\nA: ${"x".repeat(MAX_HEADER_BYTES)}`, "wrong"],
] as const)
  test(`RequestReader: ${name}`, () => assert.equal(read(text).kind, kind));

test("RequestReader: any cut of a request gives the same, and any bytes give an answer", () => {
  const piece = fc.constantFrom(
    "postern-learn 1 ",
    "spam",
    "ham",
    "\n",
    "\r\n",
    "\n\n",
    "A: b",
    "\xff",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(200)), (pieces, cuts) => {
      const text = pieces.join("");
      const at = [...new Set([0, ...cuts.map((cut) => Math.min(cut, text.length))])].sort(
        (a, b) => a - b,
      );
      const chunks = at.map((start, i) => text.slice(start, at[i + 1]));
      assert.deepEqual(read(...chunks), read(...text));
    }),
  );
});

test("encodeRequest: only the header goes, and comes back", () => {
  const request = read(encodeRequest("spam", "A: \xff\r\nB: c\r\n\r\nbody").toString("latin1"));
  assert.deepEqual(request, { kind: "whole", mark: "spam", header: "A: \xff\r\nB: c" });
});

test("encodeAnswer: one line of ASCII, whatever stands in it", () => {
  const line = encodeAnswer({ outcome: "refused", text: `a\n\xff${"x".repeat(9000)}` });
  assert.match(line, /^refused a x{4000,4096}\n$/);
  assert.equal(decodeAnswer(line)?.outcome, "refused");
  for (const text of ["", "learned", "learned a", "no a\n", "learned a\nb\n"])
    assert.equal(decodeAnswer(text), undefined);
});
