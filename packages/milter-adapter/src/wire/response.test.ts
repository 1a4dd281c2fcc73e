import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { responses } from "../../test-support/arbitraries.ts";
import { bytes, captures, packetsOf } from "../../test-support/captures.ts";
import { decodeResponse } from "./decode-response.ts";
import { encodeResponse } from "./encode-response.ts";
import { ProtocolError } from "./protocol-error.ts";
import { parseReplyText, replyText } from "./reply-text.ts";
import type { Response } from "./response.ts";

const hex = (response: Response): string => Buffer.from(encodeResponse(response)).toString("hex");
const latin1 = (response: Response): string =>
  Buffer.from(encodeResponse(response).subarray(4)).toString("latin1");

test("encodeResponse: a reject is one SMFIR_REPLYCODE packet, as recorded", () => {
  const golden = readFileSync(new URL("../../test-support/reject.hex", import.meta.url), "utf8");
  assert.equal(
    hex({ kind: "reply", code: 550, enhanced: "5.7.1", lines: ["100% no"] }),
    golden.replaceAll(/#.*|\s/g, ""),
  );
});

const written: { name: string; response: Response; packet: string }[] = [
  { name: "continue", response: { kind: "continue" }, packet: "c" },
  {
    name: "two lines, the code on each",
    response: { kind: "reply", code: 550, enhanced: "5.7.1", lines: ["line one", "line two"] },
    packet: "y550-5.7.1 line one\r\n550 5.7.1 line two\0",
  },
  {
    name: "no text, the blank stays",
    response: { kind: "reply", code: 451, enhanced: null, lines: [] },
    packet: "y451 \0",
  },
  {
    name: "text that begins with a digit is not an enhanced code",
    response: { kind: "reply", code: 550, enhanced: null, lines: ["4.7.1 no"] },
    packet: "y550 5.0.0 4.7.1 no\0",
  },
  {
    name: "the topmost header",
    response: {
      kind: "insert-header",
      index: 0,
      name: "Authentication-Results",
      value: "mx.lab.test; none",
    },
    packet: "i\0\0\0\0Authentication-Results\0mx.lab.test; none\0",
  },
  {
    name: "a removed header",
    response: { kind: "change-header", ordinal: 2, name: "X-A", value: "" },
    packet: "m\0\0\0\x02X-A\0\0",
  },
  {
    name: "line ends of every kind, and a line that would be a header",
    response: { kind: "add-header", name: "X", value: "a\r\n b\rX-Forged: 1\n\nc\0" },
    packet: "hX\0a\n b\n X-Forged: 1\n c\0",
  },
];
for (const { name, response, packet } of written) {
  test(`encodeResponse: ${name}`, () => assert.equal(latin1(response), packet));
}

test("encodeResponse: characters beyond latin1 are written as UTF-8", () =>
  assert.equal(latin1({ kind: "add-header", name: "X", value: "\u20ac" }), "hX\0\xe2\x82\xac\0"));

test("encodeResponse: a name that is none is refused", () => {
  for (const name of ["", "a b", "a:", "a\0", "\u00e9"])
    assert.throws(() => encodeResponse({ kind: "add-header", name, value: "" }), RangeError);
});

for (const [code, enhanced] of [
  [250, null],
  [600, null],
  [550, "4.7.1"],
  [550, "5.7"],
] as const) {
  test(`replyText: ${code} ${enhanced} is refused`, () =>
    assert.throws(() => replyText({ kind: "reply", code, enhanced, lines: ["x"] }), RangeError));
}

for (const text of [
  "550",
  "250 x",
  "550 4.7.1 x",
  "550-a\r\n551 b",
  "550-a",
  "550 a\r\n",
  "550 a\nb",
]) {
  test(`parseReplyText: ${JSON.stringify(text)} is malformed, as for Postfix`, () =>
    assert.equal(parseReplyText(text), undefined));
}

test("replyText: hostile text gives one valid reply of short lines", () => {
  const hostile = fc.string({ unit: "binary", maxLength: 1500 });
  fc.assert(
    fc.property(
      fc.array(fc.oneof(hostile, fc.stringMatching(/^[0-9. %\r\n\0-]{0,40}$/)), { maxLength: 40 }),
      fc.integer({ min: 400, max: 599 }),
      fc.boolean(),
      (lines, code, isEnhanced) => {
        const enhanced = isEnhanced ? `${Math.floor(code / 100)}.1.1` : null;
        const text = replyText({ kind: "reply", code, enhanced, lines });
        assert.match(text, /^[ -~\r\n]*$/);
        assert.equal(parseReplyText(text)?.code, code);
        const rows = text.split("\r\n");
        assert.ok(rows.length <= 32);
        for (const row of rows) {
          assert.ok(row.replaceAll("%%", "%").length <= 510);
          assert.doesNotMatch(row.replaceAll("%%", ""), /%/);
          const after = row.slice(4);
          if (/^\d/.test(after)) assert.equal(after[0], String(code)[0]);
        }
      },
    ),
    { seed: 4, numRuns: 1000 },
  );
});

test("decodeResponse: what was encoded comes back", () => {
  fc.assert(
    fc.property(responses(), (response) => {
      const decoded = decodeResponse(encodeResponse(response).subarray(4));
      if (decoded.kind === "replace-body")
        assert.deepEqual({ ...decoded, chunk: Uint8Array.from(decoded.chunk) }, response);
      else assert.deepEqual(decoded, response);
    }),
    { seed: 5, numRuns: 3000 },
  );
});

test("decodeResponse: any bytes give a response or a ProtocolError", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(..."cartdsyphimb+2-eqO4f"),
      fc.uint8Array({ maxLength: 40 }),
      (letter, rest) => {
        try {
          decodeResponse(Uint8Array.from([letter.charCodeAt(0), ...rest]));
        } catch (error) {
          assert.ok(error instanceof ProtocolError);
        }
      },
    ),
    { seed: 6, numRuns: 3000 },
  );
});

for (const [name, packet] of [
  ["continue with a byte", "63 00"],
  ["a string without NUL", "71 41"],
  ["a third string", "65 3c3e00 00 00"],
] as const) {
  test(`decodeResponse rejects: ${name}`, () =>
    assert.throws(() => decodeResponse(bytes(packet)), ProtocolError));
}

for (const [name, stream] of captures("filter-to-mta")) {
  test(`decodeResponse: ${name} decodes to its last byte and encodes to the same`, () => {
    const again = packetsOf(stream).map((packet) => encodeResponse(decodeResponse(packet)));
    assert.ok(Buffer.concat(again).equals(stream));
  });
}
