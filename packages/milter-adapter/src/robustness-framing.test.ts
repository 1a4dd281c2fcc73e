import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, framed } from "../test-support/captures.ts";
import { atRcpt, Driver, OFFER, say } from "../test-support/driver.ts";
import { Recorder } from "../test-support/recorder.ts";
import type { SessionEvent } from "./events.ts";
import { Framer, MAX_PACKET_BYTES } from "./wire/framing.ts";
import { ProtocolError } from "./wire/protocol-error.ts";

/** Feeds `chunk` to a fresh session and expects it to be closed with one event. */
async function closes(
  ...chunks: Uint8Array[]
): Promise<Extract<SessionEvent, { kind: "protocol-error" }>> {
  const recorder = new Recorder();
  const driver = await new Driver(recorder).bytes(...chunks);
  assert.equal(driver.isClosed, true);
  const errors = driver.events.filter((event) => event.kind === "protocol-error");
  assert.equal(errors.length, 1);
  assert.ok(recorder.only("close").length <= 1);
  return errors[0] ?? assert.fail();
}

const offer = bytes("0000000D 4F 00000006 000001FF 001FFFFF");

test("case 01: a length of 0 closes", async () => {
  const event = await closes(offer, bytes("00000000 43"));
  assert.equal(event.state, "negotiated");
  assert.equal(event.firstBytesHex, "0000000043");
});

test("case 02: a length of 4 GB closes, and makes no room", async () => {
  const before = process.memoryUsage().arrayBuffers;
  await closes(offer, bytes("FFFFFFFF 43"));
  assert.ok(process.memoryUsage().arrayBuffers - before < 10_000_000);
});

test("case 03: a length of 2 GB closes", async () => {
  await closes(offer, bytes("7FFFFFFF 43"));
});

test("case 04: packets up to the limit are taken, one byte more is not", () => {
  for (const length of [65_536, 65_537, MAX_PACKET_BYTES]) {
    const sizes: number[] = [];
    new Framer().push(framed("B", new Uint8Array(length - 1)), (p) => sizes.push(p.length));
    assert.deepEqual(sizes, [length]);
  }
  const large = framed("B", new Uint8Array(MAX_PACKET_BYTES));
  assert.throws(() => new Framer().push(large, () => assert.fail()), ProtocolError);
});

test("case 05: the end of the stream in a header or a payload aborts and closes once", async () => {
  for (const part of ["00", "000000", "00000010 4D 3C61"]) {
    const recorder = new Recorder();
    const driver = await atRcpt(recorder);
    await driver.bytes(bytes(part));
    driver.session.end("lost");
    driver.session.end("lost");
    assert.deepEqual(recorder.only("ended", "close"), ["ended aborted", "close lost"]);
    assert.deepEqual(driver.eventKinds(), []);
  }
});

test("case 09: a first packet other than OPTNEG closes", async () => {
  for (const first of [framed("C", "mx\0U"), framed("H", "mx\0"), framed("D", "C"), framed("Q")])
    assert.equal((await closes(first)).state, "new");
});

test("case 10: OPTNEG of 11 bytes closes, a longer one is answered", async () => {
  await closes(bytes("0000000C 4F 00000006 000001FF 001FFF"));
  const driver = await new Driver(new Recorder()).bytes(
    bytes("00000010 4F 00000006 000001FF 001FFFFF 414243"),
  );
  assert.deepEqual(driver.kinds(), ["negotiate"]);
});

test("case 13: a second OPTNEG closes", async () => {
  await closes(offer, offer);
});

test("case 14: OPTNEG in mid-transaction closes", async () => {
  const recorder = new Recorder();
  const driver = await atRcpt(recorder);
  await driver.commands(OFFER);
  assert.equal(driver.isClosed, true);
  assert.deepEqual(recorder.only("ended", "close"), ["ended aborted", "close aborted"]);
});

test("case 15: an unknown command byte closes", async () => {
  const event = await closes(offer, framed("Z", "abc"));
  assert.equal(event.code, 0x5a);
  assert.equal(event.length, 4);
  assert.equal(event.firstBytesHex, "5a616263");
});

test("case 16: a macro packet without stage closes, one without macros empties the set", async () => {
  await closes(offer, framed("D"));
  const recorder = new Recorder();
  const driver = new Driver(recorder);
  await driver.commands(OFFER, say.macros("connect", { "{daemon_name}": "a" }));
  await driver.bytes(framed("D", "C"));
  await driver.commands(say.connect());
  assert.equal(recorder.clients[0]?.daemonName, null);
  assert.deepEqual(driver.events, []);
});

test("case 20: a CONNECT cut short closes", async () => {
  for (const payload of [
    "mx\x004",
    "mx\x004\0",
    "mx\x004\0\x19",
    "mx\x004\0\x19192.0.2.7",
    "mx",
    "mx\0",
  ])
    await closes(offer, framed("C", payload));
});

test("case 26: MAIL: the lone NUL is the null sender, no NUL closes, an open last argument is one", async () => {
  const recorder = new Recorder();
  const driver = await new Driver(recorder).commands(OFFER, say.connect());
  await driver.bytes(framed("M", "\0"), framed("M", "<a@x.test>\0SIZE=1\0BODY=8BIT"));
  assert.deepEqual(recorder.only("mail"), ["mail null-sender", "mail a@x.test SIZE=1 BODY=8BIT"]);
  await closes(offer, framed("M", "<a@x.test>"));
  await closes(offer, framed("M"));
});
