import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { RelaxedBody } from "./relaxed-body.ts";

const hashOf = (text: string): string =>
  createHash("sha256").update(text, "latin1").digest("base64");

const cases: readonly { name: string; body: string; canonical: string }[] = [
  { name: "RFC 6376 section 3.4.5", body: " C \r\nD \t E\r\n\r\n\r\n", canonical: " C\r\nD E\r\n" },
  { name: "no body", body: "", canonical: "" },
  { name: "empty lines alone", body: "\r\n\r\n", canonical: "" },
  { name: "blanks alone", body: " \r\n\t", canonical: "" },
  { name: "no line end at the end", body: "a", canonical: "a\r\n" },
  { name: "a bare CR at the end", body: "a\r\n \r", canonical: "a\r\n \r\r\n" },
  { name: "bare CRs before a CRLF", body: "a \r\r\r\n", canonical: "a \r\r\r\n" },
  { name: "blanks around a bare CR", body: "a \t\r\t b", canonical: "a \r b\r\n" },
  { name: "bare LFs within", body: "a \n\nb\r\n", canonical: "a\r\n\r\nb\r\n" },
  { name: "bare LFs at the end", body: "a\r\n\n\r\n\n", canonical: "a\r\n" },
  { name: "NUL and 8-bit bytes", body: "\0  \xe9\xa0 \x0b\r\n", canonical: "\0 \xe9\xa0 \x0b\r\n" },
];

for (const { name, body, canonical } of cases) {
  test(`RelaxedBody: ${name}`, () => {
    const hash = new RelaxedBody("sha256");
    hash.update(Buffer.from(body, "latin1"));
    assert.equal(hash.digest("base64"), hashOf(canonical));
    assert.equal(hash.byteLength, body.length);
    assert.equal(hash.canonicalizedLength, canonical.length);
    assert.equal(hash.bodyHashedBytes, canonical.length);
  });
}

// RFC 6376 section 3.4.4 prints these.
test("RelaxedBody: the hashes of no body", () => {
  assert.equal(new RelaxedBody("sha1").digest("base64"), "2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
  assert.equal(
    new RelaxedBody("sha256").digest("base64"),
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
  );
});

for (const [limit, hashed] of [
  [0, 0],
  [3, 3],
  [2.5, 2],
  [5, 5],
  [6, 5],
  ["", 5],
  [-1, 5],
  [Number.NaN, 5],
] as const) {
  test(`RelaxedBody: l=${limit} of five bytes`, () => {
    const hash = new RelaxedBody("sha256", limit);
    hash.update(Buffer.from("abc\r\n\r\n"));
    assert.equal(hash.digest("base64"), hashOf("abc\r\n".slice(0, hashed)));
    assert.equal(hash.bodyHashedBytes, hashed);
    assert.equal(hash.canonicalizedLength, 5);
  });
}

test("RelaxedBody: a line of 25 MB", () => {
  const body = Buffer.alloc(25_000_000, "a line without end");
  const hash = new RelaxedBody("sha256");
  for (let at = 0; at < body.length; at += 65_535) hash.update(body.subarray(at, at + 65_535));
  const expected = createHash("sha256").update(body).update("\r\n").digest("base64");
  assert.equal(hash.digest("base64"), expected);
});
