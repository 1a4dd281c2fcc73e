import assert from "node:assert/strict";
import { test } from "node:test";
import type { Edit } from "@postern/smtp-filter";
import fc from "fast-check";
import { captures } from "../test-support/captures.ts";
import { Dialogue } from "./testing/dialogue.ts";
import { Rig } from "./testing/rig.ts";
import { readDataLine } from "./wire/data-line.ts";
import { decodeLine } from "./wire/decode.ts";
import { headerLines } from "./wire/header-lines.ts";
import { KEPT_BYTES, LineSplitter, MAX_LINE_BYTES } from "./wire/line-splitter.ts";

const runs = (seed: number, numRuns: number) => ({ seed, numRuns });

/** The lines that a splitter makes of a stream that comes in these chunks. */
function linesOf(chunks: readonly Buffer[]): [text: string, isCut: boolean][] {
  const splitter = new LineSplitter();
  const lines: [string, boolean][] = [];
  for (const chunk of chunks) {
    splitter.push(chunk);
    for (let line = splitter.next(); line !== undefined; line = splitter.next())
      lines.push([line.bytes.toString("latin1", line.start, line.end), line.isCut]);
  }
  return lines;
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  const sorted = places.toSorted((a, b) => a - b);
  return sorted.slice(1).map((end, i) => bytes.subarray(sorted[i], end));
}

test("case 17: LineSplitter: any cut gives the same lines", () => {
  const stream = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(fc.constantFrom(0x0a, 0x0a, 0x7c, 0x2e, 0x0d, 0x61), { maxLength: 60 }),
  );
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 8 }), (bytes, cuts) => {
      const whole = Buffer.from(bytes);
      const expected = whole
        .toString("latin1")
        .split("\n")
        .slice(0, -1)
        .map((text) => [text, false]);
      assert.deepEqual(linesOf([whole]), expected);
      assert.deepEqual(linesOf(cutAt(whole, cuts)), expected);
    }),
    runs(1, 3_000),
  );
});

test("case 17: LineSplitter: lines around the limit, in chunks of any size", () => {
  for (const length of [MAX_LINE_BYTES - 1, MAX_LINE_BYTES, MAX_LINE_BYTES + 1, 400_000]) {
    const bytes = Buffer.from(`a\n${"x".repeat(length)}\nb\n`);
    const isCut = length > MAX_LINE_BYTES;
    const expected = [
      ["a", false],
      ["x".repeat(isCut ? KEPT_BYTES : length), isCut],
      ["b", false],
    ];
    for (const size of [bytes.length, 65_536, 4_097, 1_000]) {
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      assert.deepEqual(linesOf(chunks), expected, `${length} in ${size}`);
    }
  }
});

test("case 17: a recorded session, cut at every byte, gives the same answers", async () => {
  const lines = (captures().get("a-plain") ?? []).filter(({ from }) => from === "smtpd");
  // Where smtpd waits for an answer, it sends nothing more of the session.
  const parts = lines
    .map(({ line }) => `${line}\n`)
    .join("")
    .split(/(?<=^filter\|(?!.*\|data-line\|.*[^.]\n).*\n)/m)
    .map((text) => Buffer.from(text, "latin1"));
  const outOf = async (cut: (part: Buffer, index: number) => readonly Buffer[]) => {
    const rig = new Rig({}, { release: null });
    for (const [i, part] of parts.entries()) {
      for (const chunk of cut(part, i)) rig.feed(chunk);
      await rig.quiet();
    }
    assert.deepEqual(rig.events, []);
    assert.deepEqual(rig.smtpd.owed(), []);
    return rig.out;
  };
  const expected = await outOf((part) => [part]);
  assert.deepEqual(
    await outOf((part) => Array.from(part, (byte) => Buffer.from([byte]))),
    expected,
  );
  for (let at = 1; at < 400; at += 1) {
    const cut = (part: Buffer) => [part.subarray(0, at), part.subarray(at)];
    assert.deepEqual(await outOf(cut), expected, `cut at ${at}`);
  }
});

/** Noise in the protocol's own alphabet reaches deeper than noise. */
const field = fc.constantFrom(
  ..."report filter config ready 0.5 0.6 0.7 0.8 1.0 smtp-in smtp-out link-connect link-tls link-auth tx-mail tx-rcpt tx-data tx-commit tx-reset tx-rollback link-disconnect link-identify timeout connect ehlo mail-from rcpt-to data data-line commit pass fail ok 00000000000000a1 00000000000000b2 aaaa000000000009 unix:/x [::1]:25 . .. x".split(
    " ",
  ),
  "",
  "\r",
  "\xff\x1b",
);
const noise = fc.oneof(
  fc.array(field, { maxLength: 9 }).map((fields) => fields.join("|")),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  fc
    .tuple(fc.constantFrom("report", "filter"), fc.array(field, { maxLength: 5 }))
    .chain(([kind, fields]) =>
      fc
        .constantFrom("link-connect", "connect", "mail-from", "tx-mail", "data-line")
        .map((name) =>
          [
            kind,
            "0.7",
            "1.0",
            "smtp-in",
            name,
            "00000000000000a1",
            "aaaa000000000009",
            ...fields,
          ].join("|"),
        ),
    ),
);

test("any bytes decode, and never throw", () => {
  fc.assert(
    fc.property(noise, (text) => {
      const bytes = Buffer.from(text, "latin1");
      decodeLine(text);
      const data = readDataLine(bytes, 0, bytes.length);
      const fields = text.split("|");
      const isData = fields[0] === "filter" && fields[4] === "data-line" && fields.length > 6;
      assert.equal(data !== undefined, isData && fields[5] !== "" && fields[6] !== "");
      if (data === undefined) return;
      assert.equal(text.slice(data.payloadStart), fields.slice(7).join("|"));
      assert.deepEqual([data.session, data.token, data.version], [fields[5], fields[6], fields[1]]);
    }),
    runs(2, 5_000),
  );
});

test("any lines keep a translator whole: what asks is answered, nothing is answered twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(noise, { maxLength: 25 }), async (lines) => {
      const rig = new Rig();
      // Sessions and tokens that smtpd would never send are none of the strict one's business.
      const { smtpd } = rig;
      const asked = lines
        .flatMap((text) => text.split("\n"))
        .filter((text) => {
          const fields = text.split("|");
          const isLong = fields.length > 6 && fields[5] !== "" && fields[6] !== "";
          return fields[0] === "filter" && fields[4] !== "data-line" && isLong;
        });
      smtpd.told = () => {};
      smtpd.heard = () => {};
      await rig.say(lines.flatMap((text) => text.split("\n")));
      await rig.wait(100_000);
      const results = rig.out.filter((line) => line.startsWith("filter-result|"));
      const isGone = lines.some((text) => text.includes("link-disconnect"));
      if (!isGone) assert.equal(results.length, asked.length);
      assert.deepEqual(rig.seen("internal-error"), []);
      assert.deepEqual(rig.seen("double-answer"), []);
      assert.equal(rig.translator.load.questions, 0);
    }),
    runs(3, 400),
  );
});

const lineText = fc
  .array(fc.constantFrom("a", ".", ":", " ", "\t", "\r", "|", "\xff", "X", "Received"), {
    maxLength: 12,
  })
  .map((pieces) => pieces.join(""));

test("a message without edits comes back byte for byte, and the port sees what was sent", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(lineText, { maxLength: 20 }), async (lines) => {
      const rig = new Rig();
      const d = new Dialogue();
      const stuffed = lines.map((line) => (line.startsWith(".") ? `.${line}` : line));
      await rig.say(d.greeted(), d.mail(), d.rcpt(), d.data(...stuffed), d.request("commit"));
      assert.deepEqual(rig.smtpd.messages[0]?.lines, lines);
      const blank = lines.indexOf("");
      const body = blank === -1 ? [] : lines.slice(blank + 1);
      const told = rig.calls
        .filter((call) => call.startsWith("body "))
        .map((call) => call.slice(5));
      assert.equal(told.join(""), body.map((line) => `${line}\r\n`).join(""));
    }),
    runs(4, 500),
  );
});

test("a header of any name and value is lines that forge nothing and that smtpd takes", async () => {
  const value = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc
      .array(
        fc.constantFrom("\r", "\n", "\r\n", "\0", " ", "\t", "x", "\xe9", "\u20ac", ":", "."),
        {
          maxLength: 30,
        },
      )
      .map((pieces) => pieces.join("")),
    fc.constant("x".repeat(5_000)),
  );
  const name = fc.oneof(fc.constantFrom("X-A", ".dot", "", "a b", "a:b", "\xe9"), fc.string());
  await fc.assert(
    fc.asyncProperty(name, value, async (fieldName, fieldValue) => {
      const edits: readonly Edit[] = [{ kind: "insert", name: fieldName, value: fieldValue }];
      const lines = headerLines(fieldName, fieldValue, 1_938);
      assert.equal(lines === undefined, !/^[!-9;-~]{1,969}$/.test(fieldName));
      for (const [i, line] of (lines ?? []).entries()) {
        assert.ok(line.length <= 1_938);
        assert.doesNotMatch(line, /[\r\n\0]/);
        if (i === 0) assert.ok(line.startsWith(`${fieldName}:`));
        else assert.match(line, /^[ \t].*[^ \t]/);
      }
      const rig = new Rig(
        { end: async () => ({ kind: "deliver", edits }) },
        { release: "6.8.0p2" },
      );
      const d = new Dialogue("0.6");
      await rig.say(d.greeted(), d.mail(), d.rcpt(), d.data("A: b", "", "c"));
      assert.deepEqual(rig.smtpd.messages[0]?.lines, [...(lines ?? []), "A: b", "", "c"]);
      assert.equal(rig.seen("edit-dropped").length, lines === undefined ? 1 : 0);
    }),
    runs(5, 300),
  );
});
