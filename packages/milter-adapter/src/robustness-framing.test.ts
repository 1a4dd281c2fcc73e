import assert from "node:assert/strict";
import { test } from "node:test";
import { framed } from "../test-support/captures.ts";
import { ALL_ANSWERED, CONNECT, FULL_OFFER, HELO, MAIL, offer, RCPT, Rig } from "./testing/rig.ts";
import { Framer, MAX_PACKET_BYTES } from "./wire/framing.ts";

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const frameOf = (packet: string) => framed(packet[0] ?? "", packet.slice(1));

/** After OPTNEG, the bytes must close the connection, with one event and nothing sent. */
async function closesOn(stream: Uint8Array): Promise<Rig> {
  const rig = new Rig();
  await rig.feed(frameOf(FULL_OFFER));
  assert.equal(await rig.feed(stream), "");
  assert.ok(rig.isClosed);
  assert.equal(rig.seen("protocol-error").length, 1);
  assert.equal(await rig.take(CONNECT, "Q", "E"), "", "nothing is taken any more");
  assert.ok(rig.isClosed);
  return rig;
}

test("case 01: a length of 0 closes the connection", async () => {
  await closesOn(Uint8Array.of(0, 0, 0, 0, 0x43));
});

test("case 02: a length of 4 GB closes the connection and makes no room", async () => {
  const stream = bytesOf("\xff\xff\xff\xffE");
  await closesOn(stream);
  const framer = new Framer();
  assert.throws(() => framer.push(stream, () => assert.fail("no packet")), /4294967295/);
});

test("case 03: a length of 2 GB closes the connection", async () => {
  await closesOn(bytesOf("\x7f\xff\xff\xffB"));
});

test("case 04: packets are taken up to the limit and not beyond", async () => {
  for (const length of [65_536, 65_537, MAX_PACKET_BYTES]) {
    const rig = await Rig.greeted();
    await rig.take(MAIL, RCPT);
    assert.equal(await rig.feed(framed("B", new Uint8Array(length - 1))), "c");
    assert.ok(rig.calls.includes(`body ${length - 1}`));
  }
  await closesOn(framed("B", new Uint8Array(MAX_PACKET_BYTES)));
});

test("case 05: an end inside a packet ends transaction and connection once", async () => {
  for (const piece of ["\0", "\0\0", "\0\0\0", "\0\0\0\x09L", "\0\0\0\x09LSubj"]) {
    const rig = await Rig.greeted();
    await rig.take(MAIL, RCPT);
    await rig.feed(bytesOf(piece));
    rig.session.end("lost");
    rig.session.end("lost");
    assert.deepEqual(rig.calls.slice(-2), ["ended aborted", "close lost"]);
    assert.equal(rig.calls.filter((call) => /^(ended|close)/.test(call)).length, 2);
    assert.deepEqual(rig.events, []);
  }
});

test("case 07: bytes of another protocol close the connection and reach nobody", async () => {
  for (const hello of ["GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\0\x01\0", "SSH-2.0-x\r\n"]) {
    const rig = new Rig();
    assert.equal(await rig.feed(bytesOf(hello)), "");
    assert.ok(rig.isClosed);
    assert.deepEqual(rig.calls, []);
    // `new` in the event is what a listener needs to log it quietly.
    const [event] = rig.seen("protocol-error");
    assert.equal(event?.state, "new");
    assert.equal(event?.firstBytesHex, Buffer.from(hello, "latin1").toString("hex").slice(0, 64));
  }
});

test("case 09: a first packet that is no OPTNEG closes the connection", async () => {
  for (const packet of [CONNECT, HELO, "DC", "E", "Q", "A"]) {
    const rig = new Rig();
    assert.equal(await rig.take(packet), "");
    assert.ok(rig.isClosed);
    assert.deepEqual(rig.calls, []);
  }
});

test("case 10: an OPTNEG shorter than 12 bytes closes, a longer one is taken", async () => {
  for (const length of [0, 4, 8, 11]) {
    const rig = new Rig();
    assert.equal(await rig.take(FULL_OFFER.slice(0, 1 + length)), "");
    assert.ok(rig.isClosed);
  }
  const rig = new Rig();
  assert.equal(await rig.take(`${FULL_OFFER}\0\0\0\0more`, CONNECT), "Oc");
});

test("case 11: versions below 2 close, those above 6 get 6, flags of 0 mean those of version 1", async () => {
  for (const version of [0, 1]) {
    const rig = new Rig();
    assert.equal(await rig.take(offer(version, 0x1ff, 0x1fffff)), "");
    assert.ok(rig.isClosed);
  }
  for (const [version, answered] of [
    [2, 2],
    [3, 3],
    [4, 4],
    [6, 6],
    [99, 6],
    [0xffffffff, 6],
  ] as const) {
    const rig = new Rig();
    await rig.take(offer(version, 0x3f, 0x7f));
    assert.equal(rig.sent[0]?.slice(0, 5), `O\0\0\0${String.fromCharCode(answered)}`);
  }
  const rig = new Rig();
  await rig.take(offer(6, 0, 0));
  assert.deepEqual(rig.sent, ["O\0\0\0\x06\0\0\0\x01\0\0\0\0"]);
});

test("case 12: an offer without header changes degrades, or closes, and says what is missing", async () => {
  const degraded = new Rig();
  assert.equal(await degraded.take(offer(6, 0x20, 0x1fffff), CONNECT), "Oc");
  assert.deepEqual(
    degraded.seen("missing-actions").map(({ names }) => names),
    [["addHeaders", "changeHeaders"]],
  );
  const strict = new Rig({}, { onMissingActions: "close" });
  assert.equal(await strict.take(offer(6, 0x01, 0x1fffff)), "");
  assert.ok(strict.isClosed);
  assert.match(strict.seen("protocol-error")[0]?.message ?? "", /changeHeaders/);
});

test("case 13: a second OPTNEG closes the connection", async () => {
  const rig = new Rig();
  assert.equal(await rig.take(FULL_OFFER, FULL_OFFER), "O");
  assert.ok(rig.isClosed);
});

test("case 14: an OPTNEG in a transaction aborts it and closes the connection", async () => {
  const rig = await Rig.greeted();
  assert.equal(await rig.take(MAIL, RCPT, ALL_ANSWERED), "cc");
  assert.ok(rig.isClosed);
  assert.deepEqual(rig.calls.slice(-2), ["ended aborted", "close aborted"]);
});

test("case 15: a letter no command has closes the connection", async () => {
  const rig = await closesOn(framed("Z", "abc"));
  assert.deepEqual(
    rig.seen("protocol-error").map(({ code, length, firstBytesHex, peer, state }) => ({
      code,
      length,
      firstBytesHex,
      peer,
      state,
    })),
    [{ code: 0x5a, length: 4, firstBytesHex: "5a616263", peer: "test", state: "negotiated" }],
  );
});
