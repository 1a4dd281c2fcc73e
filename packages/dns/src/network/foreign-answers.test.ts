import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "@postern/smtp-filter/testing";
import { type DnsAnswer, fault, found } from "../answer/answer.ts";
import type { RecordType } from "../answer/record.ts";
import { question } from "../testing/dns-stage.ts";
import { nameBytes, txtBytes } from "../testing/udp-dns.ts";
import {
  openWireDns,
  type WireAnswer,
  type WireReply,
  wireAnswer,
  wireRecord,
} from "../testing/wire-dns.ts";
import { openStubResolver } from "./stub-resolver.ts";

const [A, CNAME, TXT, OPT] = [1, 5, 16, 41];
const address = (last: number) => Buffer.of(192, 0, 2, last);
const alias = (owner: string, target: string) =>
  wireRecord(owner, CNAME, nameBytes(...target.split(".")));
const NODATA: DnsAnswer = { status: "none", reason: "nodata" };
const BAD = fault("bad answer");
const mine = wireRecord("a.test", A, address(1));
const others = wireRecord("other.test", A, address(2));

/** Asks for the addresses of a.test. */
async function answerTo(reply: WireReply, type: RecordType = "A") {
  await using dns = await openWireDns(reply);
  const clock = fakeClock();
  const node = openStubResolver({ servers: [dns.server], timeoutMs: 2_000, probeName: "." }, clock);
  const answer = await node.ask(question("a.test", clock.nowMs() + 2_000, type));
  assert.equal(clock.pending(), 0);
  return { answer, queries: dns.queries };
}

const cases: readonly (WireAnswer & { readonly name: string; readonly answer: DnsAnswer })[] = [
  { name: "no response, but a question", flags: 0x0100, records: [mine], answer: BAD },
  { name: "a NOTIFY", flags: 0xa180, records: [mine], answer: BAD },
  {
    name: "to another name",
    question: Buffer.concat([nameBytes("x", "test"), Buffer.of(0, 1, 0, 1)]),
    records: [mine],
    answer: BAD,
  },
  {
    name: "to another type",
    question: Buffer.concat([nameBytes("a", "test"), Buffer.of(0, 28, 0, 1)]),
    records: [mine],
    answer: BAD,
  },
  { name: "to no question", question: Buffer.alloc(0), questions: 0, records: [mine], answer: BAD },
  {
    name: "REFUSED to no question",
    flags: 0x8185,
    question: Buffer.alloc(0),
    questions: 0,
    answer: fault("refused"),
  },
  {
    name: "in another case",
    question: Buffer.concat([nameBytes("A", "TEST"), Buffer.of(0, 1, 0, 1)]),
    records: [wireRecord("a.Test", A, address(1))],
    answer: found(["192.0.2.1"]),
  },
  {
    name: "a record of another owner beside",
    records: [others, mine],
    answer: found(["192.0.2.1"]),
  },
  { name: "records of another owner alone", records: [others], answer: BAD },
  {
    name: "a chain of CNAMEs in any order",
    records: [
      wireRecord("c.test", A, address(3)),
      alias("b.test", "C.test"),
      alias("a.test", "b.test"),
    ],
    answer: found(["192.0.2.3"]),
  },
  {
    name: "a CNAME, and the records of somebody else",
    records: [alias("a.test", "b.test"), others],
    answer: BAD,
  },
  { name: "a CNAME to nothing", records: [alias("a.test", "b.test")], answer: NODATA },
  {
    name: "CNAMEs in a circle",
    records: [alias("a.test", "b.test"), alias("b.test", "a.test")],
    answer: BAD,
  },
  {
    name: "nine CNAMEs",
    records: Array.from({ length: 9 }, (_, i) =>
      alias(i === 0 ? "a.test" : `n${i}.test`, `n${i + 1}.test`),
    ),
    answer: BAD,
  },
  {
    name: "NXDOMAIN with records",
    flags: 0x8183,
    records: [mine],
    answer: { status: "none", reason: "nxdomain" },
  },
  {
    name: "another class",
    records: [Buffer.from(mine).fill(3, 11, 12)],
    answer: NODATA,
  },
  {
    name: "EDNS options behind the records",
    records: [mine, wireRecord(Buffer.of(0), OPT, Buffer.alloc(0))],
    count: 1,
    answer: found(["192.0.2.1"]),
  },
  { name: "fewer records than it says", records: [mine], count: 2, answer: BAD },
  {
    name: "a record that goes beyond the packet",
    records: [mine.subarray(0, mine.length - 1)],
    answer: BAD,
  },
  {
    name: "an owner that points to itself",
    records: [wireRecord(Buffer.of(0xc0, 24), A, address(1))],
    answer: BAD,
  },
  {
    name: "an owner that points forward",
    records: [wireRecord(Buffer.of(0xff, 0xff), A, address(1))],
    answer: BAD,
  },
  {
    name: "a label of a kind that there is not",
    records: [wireRecord(Buffer.of(0x41, 0), A, address(1))],
    answer: BAD,
  },
];
for (const { name, answer, ...wire } of cases)
  test(`an answer that is ${name}`, async () => {
    assert.deepEqual((await answerTo((query) => [wireAnswer(query, wire)])).answer, answer);
  });

test("an answer that is of a wrong id is not heard, and the right one behind it is", async () => {
  const { answer, queries } = await answerTo((query) => [
    wireAnswer(query, { idOff: 1, records: [wireRecord("a.test", A, address(9))] }),
    Buffer.of(1, 2, 3),
    wireAnswer(query, { records: [mine] }),
  ]);
  assert.deepEqual([answer, queries.length], [found(["192.0.2.1"]), 1]);
});

test("an answer that somebody guesses: after 20 wrong ids the right one counts no more", async () => {
  const { answer } = await answerTo((query) => [
    ...Array.from({ length: 21 }, (_, i) => wireAnswer(query, { idOff: i + 1 })),
    wireAnswer(query, { records: [mine] }),
  ]);
  assert.deepEqual(answer, BAD);
});

const LONG = wireRecord("a.test", TXT, txtBytes(...Array(20).fill("x".repeat(250))));

test("an answer that is truncated over UDP is asked for over TCP", async () => {
  const { answer, queries } = await answerTo(
    (query, transport) => [
      transport === "UDP"
        ? wireAnswer(query, { flags: 0x8380 })
        : wireAnswer(query, { records: [LONG] }),
    ],
    "TXT",
  );
  assert.deepEqual(answer, found(["x".repeat(5_000)]));
  assert.deepEqual(
    queries.map(({ transport }) => transport),
    ["UDP", "TCP"],
  );
});

test("an answer that is still truncated over TCP is a temperror", async () => {
  const { answer } = await answerTo((query) => [
    wireAnswer(query, { flags: 0x8380, records: [mine] }),
  ]);
  assert.deepEqual(answer, BAD);
});

test("an answer that is of a wrong id over TCP is a temperror", async () => {
  const { answer } = await answerTo((query, transport) => [
    transport === "UDP"
      ? wireAnswer(query, { flags: 0x8380 })
      : wireAnswer(query, { idOff: 1, records: [mine] }),
  ]);
  assert.deepEqual(answer, BAD);
});

test("an answer that does not come over TCP is a temperror", async () => {
  const { answer } = await answerTo((query, transport) =>
    transport === "UDP" ? [wireAnswer(query, { flags: 0x8380 })] : [],
  );
  assert.deepEqual(answer, fault("network error"));
});

test("a server that does not know EDNS is asked without it", async () => {
  const { answer, queries } = await answerTo((query) => [
    query.readUInt16BE(10) > 0
      ? wireAnswer(query, { flags: 0x8181, question: Buffer.alloc(0), questions: 0 })
      : wireAnswer(query, { records: [mine] }),
  ]);
  assert.deepEqual(answer, found(["192.0.2.1"]));
  assert.deepEqual(
    queries.map(({ query }) => query.subarray(12).toString("hex")),
    ["01610474657374000001000100002904d0000000000000", "01610474657374000001" + "0001"],
  );
});

test("each question has an id of its own", async () => {
  await using dns = await openWireDns((query) => [wireAnswer(query, { records: [] })]);
  const clock = fakeClock();
  const node = openStubResolver({ servers: [dns.server], timeoutMs: 2_000, probeName: "." }, clock);
  for (let i = 0; i < 40; i += 1) await node.ask(question(`${i}.test`, clock.nowMs() + 2_000));
  const ids = new Set(dns.queries.map(({ query }) => query.readUInt16BE(0)));
  assert.ok(ids.size >= 38, `${ids.size} of 40`);
});
