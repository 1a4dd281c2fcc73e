import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  decodeAnswer,
  encodeAnswer,
  encodeRequest,
  MAX_HEADER_BYTES,
  parseUser,
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
  ["a user", "postern-learn 1 spam ann@example.org\nA: b\n\n", "whole"],
  ["a user with a blank", "postern-learn 1 spam Ann B\nA: b\n\n", "whole"],
  ["no user behind a blank", "postern-learn 1 spam \nA: b\n\n", "wrong"],
  ["control characters", "postern-learn 1 spam a\tb\nA: b\n\n", "wrong"],
  ["too long a user", `postern-learn 1 spam ${"x".repeat(257)}\n\n`, "wrong"],
  ["no line at all", "x".repeat(321), "wrong"],
  ["too long", `postern-learn 1 spam\nA: ${"x".repeat(MAX_HEADER_BYTES)}`, "wrong"],
] as const)
  test(`RequestReader: ${name}`, () => assert.equal(read(text).kind, kind));

test("RequestReader: any cut of a request gives the same, and any bytes give an answer", () => {
  const piece = fc.constantFrom(
    "postern-learn 1 ",
    "spam",
    "ham",
    " ann",
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

test("encodeRequest: only the header goes, and comes back, with the user", () => {
  const header = "A: \xff\r\nB: c";
  for (const user of [null, "ann@example.org", parseUser("\u00e4nn@example.org") ?? ""]) {
    const bytes = encodeRequest({ mark: "spam", user, header: `${header}\r\n\r\nbody` });
    const request = read(bytes.toString("latin1"));
    assert.deepEqual(request, { kind: "whole", mark: "spam", user, header });
  }
});

for (const [text, user] of [
  ["ann@example.org", "ann@example.org"],
  ["\u00e4nn", "\xc3\xa4nn"],
  ["a b", "a b"],
  ["", undefined],
  ["a\nb", undefined],
  ["a\r", undefined],
  ["a\0", undefined],
  ["x".repeat(257), undefined],
] as const)
  test(`parseUser: ${JSON.stringify(text.slice(0, 20))}`, () =>
    assert.equal(parseUser(text), user));

test("encodeAnswer: one line of ASCII, whatever stands in it", () => {
  const line = encodeAnswer({ outcome: "refused", text: `a\n\xff${"x".repeat(9000)}` });
  assert.match(line, /^refused a x{4000,4096}\n$/);
  assert.equal(decodeAnswer(line)?.outcome, "refused");
  for (const text of ["", "learned", "learned a", "no a\n", "learned a\nb\n"])
    assert.equal(decodeAnswer(text), undefined);
});
