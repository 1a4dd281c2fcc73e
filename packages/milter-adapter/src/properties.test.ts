import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, refusal } from "@postern/smtp-filter";
import fc from "fast-check";
import { commands, responses } from "../test-support/arbitraries.ts";
import { faultOfHeader } from "./testing/check-header.ts";
import { faultOfReply } from "./testing/check-reply.ts";
import { isMalformed } from "./testing/due.ts";
import { CONNECT, FULL_OFFER, HELO, MAIL, MESSAGE, offer, Rig } from "./testing/rig.ts";
import { decodeCommand } from "./wire/command.ts";
import { decodeResponse } from "./wire/decode-response.ts";
import { encodeCommand } from "./wire/encode-command.ts";
import { encodeResponse } from "./wire/encode-response.ts";
import { Framer } from "./wire/framing.ts";
import { ProtocolError } from "./wire/protocol-error.ts";
import { replyText } from "./wire/reply-text.ts";

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const runs = (seed: number, numRuns: number) => ({ seed, numRuns });

/** Noise in the protocol's own alphabet reaches deeper than noise. */
const packet: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(..."OCDHMRTLNBEAQKUZ"),
    fc.array(fc.constantFrom("\0", "\0", "<", ">", "4", "6", "L", "\n", "\r", "\xff", "ab"), {
      maxLength: 20,
    }),
  )
  .map(([letter, rest]) => letter + rest.join(""));
const anyPacket = fc.oneof(packet, fc.uint8Array({ maxLength: 40 }).map(latin1));

const piece = fc.constantFrom(
  "\r",
  "\n",
  "\r\n",
  "\0",
  "%",
  "%s",
  "\xe9",
  "\u20ac",
  " ",
  "\t",
  ".",
);
const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc
    .array(fc.oneof(piece, fc.constantFrom("x", "5.7.1", "4.0.0", "250 ok", "-", ":")), {
      maxLength: 30,
    })
    .map((pieces) => pieces.join("")),
  fc.constantFrom("x".repeat(5000), "%".repeat(5000), "\r\n".repeat(2500), "\0".repeat(5000)),
  fc.string({ unit: "binary", maxLength: 60 }),
);

test("any bytes give a command, or a ProtocolError where their shape is wrong", () => {
  fc.assert(
    fc.property(anyPacket, (text) => {
      const decode = () => decodeCommand(Buffer.from(text, "latin1"));
      if (isMalformed(text) && text[0] !== "O") assert.throws(decode, ProtocolError);
      else if (text[0] !== "O") decode();
      else if (text.length < 13) assert.throws(decode, ProtocolError);
    }),
    runs(11, 5000),
  );
});

test("any bytes after an OPTNEG keep a session whole: each packet one reply at most, or the end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyPacket, { maxLength: 12 }), async (packets) => {
      const rig = new Rig();
      await rig.take(FULL_OFFER);
      for (const each of packets) assert.ok((await rig.take(each)).length <= 1);
      rig.session.end("lost");
      assert.equal(rig.session.state, "closed");
      assert.ok(rig.closes <= 1);
    }),
    runs(12, 1000),
  );
});

test("what was encoded comes back, both directions, whatever packets stand around it", () => {
  fc.assert(
    fc.property(fc.array(commands(), { minLength: 1, maxLength: 5 }), fc.nat(), (all, cut) => {
      const stream = Buffer.concat(all.map(encodeCommand));
      const framer = new Framer();
      const again: Uint8Array[] = [];
      const take = (each: Uint8Array) => again.push(encodeCommand(decodeCommand(each)));
      framer.push(stream.subarray(0, cut % stream.length), take);
      framer.push(stream.subarray(cut % stream.length), take);
      assert.ok(Buffer.concat(again).equals(stream));
    }),
    runs(13, 1000),
  );
  fc.assert(
    fc.property(responses(), (response) => {
      const once = encodeResponse(response);
      assert.deepEqual(Buffer.from(encodeResponse(decodeResponse(once.subarray(4)))), once);
    }),
    runs(14, 2000),
  );
});

test("reply text of any kind is one well-formed reply", () => {
  fc.assert(
    fc.property(
      fc.array(hostileText, { maxLength: 40 }),
      fc.integer({ min: 400, max: 599 }),
      fc.boolean(),
      (lines, code, isEnhanced) => {
        const enhanced = isEnhanced ? `${Math.floor(code / 100)}.7.1` : null;
        const text = replyText({ kind: "reply", code, enhanced, lines });
        assert.equal(faultOfReply(`${text}\0`), undefined, JSON.stringify(text));
        const frame = encodeResponse({ kind: "reply", code, enhanced, lines });
        assert.ok(frame.length - 4 <= 65_536);
      },
    ),
    runs(15, 1000),
  );
});

test("a refusal of any text is one well-formed reply at each stage", async () => {
  await fc.assert(
    fc.asyncProperty(
      hostileText,
      fc.oneof(fc.constantFrom(421, 521, 550), fc.integer({ min: 400, max: 599 })),
      fc.boolean(),
      async (text, code, isEnhanced) => {
        const enhanced = isEnhanced ? `${Math.floor(code / 100)}.7.1` : null;
        // A reply as `refusal` makes it, and one that slipped past it.
        const clean = refusal(code, enhanced, text);
        for (const reply of [clean, { ...clean, text }]) {
          const refuse = async (): Promise<Answer> => ({ kind: "refuse", reply });
          const early = new Rig({ hello: refuse, mail: refuse });
          assert.equal(await early.take(FULL_OFFER, CONNECT, HELO, MAIL), "Ocyy");
          const late = new Rig({ rcpt: refuse, end: refuse });
          assert.equal(await late.take(FULL_OFFER, CONNECT, ...MESSAGE, "E"), "Occycy");
          for (const frame of [...early.sent, ...late.sent].filter((sent) => sent[0] === "y"))
            assert.equal(faultOfReply(frame.slice(1)), undefined, JSON.stringify(frame));
        }
      },
    ),
    runs(16, 300),
  );
});

test("a header of any value has no line that would be a field, no CR and no NUL", async () => {
  await fc.assert(
    fc.asyncProperty(hostileText, fc.boolean(), async (value, hasLeadingSpace) => {
      const edits = [
        { kind: "remove", name: "X-A", ordinal: 1 },
        { kind: "insert", name: "X-A", value },
      ] as const;
      const rig = await Rig.greeted(
        { end: async () => ({ kind: "deliver", edits }) },
        {},
        offer(6, 0x1ff, hasLeadingSpace ? 0x100c3f : 0xc3f),
      );
      await rig.take(...MESSAGE);
      assert.equal(await rig.take("E"), "mic");
      for (const frame of rig.sent.slice(-3, -1))
        assert.equal(faultOfHeader(frame.slice(1)), undefined, JSON.stringify(frame));
    }),
    runs(17, 1000),
  );
});

test("the checkers find what is wrong", () => {
  for (const payload of [
    "550 x",
    "550\0",
    "250 ok\0",
    "550 4.7.1 x\0",
    "550-a\0",
    "550 a\r\n\0",
    "550-a\r\n551 b\0",
    "550 a\nb\0",
    "550 50% off\0",
    "550 \xff\0",
    `550 ${"x".repeat(507)}\0`,
    "550 a\0b\0",
    "55 x\0",
  ])
    assert.notEqual(faultOfReply(payload), undefined, JSON.stringify(payload));
  for (const payload of ["550 \0", "550 5.7.1 x\0", "451-4.1.1 a\r\n451 4.1.1 b%%\0", "421 x\0"])
    assert.equal(faultOfReply(payload), undefined, JSON.stringify(payload));
  for (const payload of [
    "X\0a\nb\0",
    "X\0a\rb\0",
    "X\0a\n \n b\0",
    "\0a\0",
    "a b\0c\0",
    "X\0a",
    "X\0a\0b\0",
  ])
    assert.notEqual(faultOfHeader(`\0\0\0\0${payload}`), undefined, JSON.stringify(payload));
});
