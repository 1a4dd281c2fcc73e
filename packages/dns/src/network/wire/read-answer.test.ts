import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nameBytes } from "../../testing/udp-dns.ts";
import { wireAnswer, wireRecord } from "../../testing/wire-dns.ts";
import { encodeQuestion } from "./encode-question.ts";
import { readAnswer } from "./read-answer.ts";
import type { AskedType, Sent } from "./types.ts";

const sentOf = (type: AskedType): Sent => ({ id: 0x1234, name: "a.test", type });
const TYPES: readonly AskedType[] = ["A", "AAAA", "PTR", "MX", "TXT", "CNAME", "NS"];

test("readAnswer: any bytes are a reading, and nothing throws", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...TYPES),
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(8),
      (type, bytes, count) => {
        const head = Buffer.from("123481800001000000000000", "hex");
        head.writeUInt16BE(count, 6);
        const asked = encodeQuestion(sentOf(type), "plain").subarray(12);
        for (const packet of [
          bytes,
          Buffer.concat([head, bytes]),
          Buffer.concat([head, asked, bytes]),
        ])
          assert.ok(readAnswer(Buffer.from(packet), sentOf(type)).kind.length > 0);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("readAnswer: an honest answer with bytes changed is a reading", () => {
  const query = encodeQuestion(sentOf("MX"), "EDNS");
  const honest = wireAnswer(query, {
    records: [
      wireRecord("a.test", 5, nameBytes("b", "test")),
      wireRecord("b.test", 15, Buffer.concat([Buffer.of(0, 10), nameBytes("mx", "b", "test")])),
    ],
  });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(honest.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      fc.nat(honest.length),
      (changes, length) => {
        const packet = Buffer.from(honest);
        for (const [at, byte] of changes) packet[at] = byte;
        assert.ok(readAnswer(packet, sentOf("MX")).kind.length > 0);
        assert.ok(readAnswer(packet.subarray(0, length), sentOf("MX")).kind.length > 0);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("readAnswer: pointers to pointers, as many as a packet holds, end", () => {
  const query = encodeQuestion(sentOf("A"), "plain");
  const chain = Buffer.alloc(16_000);
  const start = query.length;
  chain.writeUInt16BE(0xc00c, 0);
  for (let at = 2; at < chain.length; at += 2) chain.writeUInt16BE(0xc000 + start + at - 2, at);
  const records = [
    wireRecord(Buffer.of(0), 10, chain),
    wireRecord(Buffer.of(0xff, 0x00), 1, Buffer.of(192, 0, 2, 1)),
  ];
  const { kind } = readAnswer(wireAnswer(query, { records }), sentOf("A"));
  assert.equal(kind, "answer");
});

test("readAnswer: names that point to names, to the end of the largest packet, grow no longer than a name may be", () => {
  const query = encodeQuestion(sentOf("A"), "plain");
  const records: Buffer[] = [];
  let at = query.length;
  for (let owner = 12; at < 65_000; ) {
    const name = Buffer.of(1, 0x78, 0xc0 | (owner >> 8), owner & 255);
    records.push(wireRecord(name, 1, Buffer.of(192, 0, 2, 1)));
    if (at < 0x3fff && records.length % 100 !== 0) owner = at;
    else owner = 12;
    at += records.at(-1)?.length ?? 0;
  }
  const reading = readAnswer(wireAnswer(query, { records }), sentOf("A"));
  assert.deepEqual(reading, {
    kind: "answer",
    answer: { status: "temperror", detail: "bad answer" },
  });
});

for (const [type, before] of [
  ["PTR", []],
  ["MX", [0, 10]],
] as const)
  test(`readAnswer: ${type} records whose pointers make more of them than a packet holds are a bad answer`, () => {
    const query = encodeQuestion(sentOf(type), "plain");
    const owner = Buffer.of(0xc0, 12);
    const code = query.readUInt16BE(query.length - 4);
    const name = nameBytes("a".repeat(63), "b".repeat(63), "c".repeat(63), "\x01".repeat(50));
    const records = [wireRecord(owner, code, Buffer.of(...before, ...name))];
    // The owner, and what stands between it and RDATA, have 12 bytes.
    const target = 0xc000 + query.length + 12 + before.length;
    for (let i = 0; i < 255; i += 1) {
      const label = [...Buffer.from(i.toString(36).padStart(3, "0"))];
      const rdata = Buffer.of(...before, 3, ...label, target >> 8, target & 255);
      records.push(wireRecord(owner, code, rdata));
    }
    const packet = wireAnswer(query, { records });
    assert.ok(packet.length < 65_536);
    const sixteen = wireAnswer(query, { records: records.slice(0, 16) });
    const few = readAnswer(sixteen, sentOf(type));
    assert.ok(few.kind === "answer" && few.answer.status === "found");
    assert.equal(few.answer.value.length, 16);
    assert.deepEqual(readAnswer(packet, sentOf(type)), {
      kind: "answer",
      answer: { status: "temperror", detail: "bad answer" },
    });
  });

for (const [count, status] of [
  [256, "found"],
  [257, "temperror"],
] as const)
  test(`readAnswer: ${count} records of a name are ${status}`, () => {
    const query = encodeQuestion(sentOf("A"), "plain");
    const records = Array.from({ length: count }, (_, i) =>
      wireRecord(Buffer.of(0xc0, 12), 1, Buffer.of(192, 0, i >> 8, i & 255)),
    );
    const reading = readAnswer(wireAnswer(query, { records }), sentOf("A"));
    assert.ok(reading.kind === "answer");
    assert.equal(reading.answer.status, status);
  });
