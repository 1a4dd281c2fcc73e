import assert from "node:assert/strict";
import { test } from "node:test";
import { ALL_ANSWERED, CONNECT, HELO, MAIL, MESSAGE, offer, RCPT, Rig } from "./testing/rig.ts";

const told = (rig: Rig, ...words: string[]) =>
  rig.calls.filter((call) => words.some((word) => call.startsWith(word)));
const outOfOrder = (rig: Rig) => rig.seen("out-of-order").map(({ command }) => command);

test("case 24: a second CONNECT is a new connection, and is answered", async () => {
  const rig = await Rig.greeted();
  assert.equal(await rig.take(MAIL, RCPT, CONNECT.replace("192.0.2.1", "192.0.2.2")), "ccc");
  assert.deepEqual(told(rig, "ended", "close", "open"), [
    "ended aborted",
    "close quit",
    "open 192.0.2.2",
  ]);
  assert.equal(await rig.take("Q"), "");
  assert.deepEqual(told(rig, "close"), ["close quit", "close quit"]);
});

test("case 28: recipient, data, body and end before MAIL are answered, and told to nobody", async () => {
  for (const [packet, kind] of [
    [RCPT, "rcpt"],
    ["T", "data"],
    ["LSubject\0x\0", "header"],
    ["N", "end-of-headers"],
    ["Babc", "body"],
    ["E", "end-of-message"],
  ] as const) {
    const rig = await Rig.greeted();
    assert.equal(await rig.take(packet), "c");
    assert.deepEqual(outOfOrder(rig), [kind]);
    assert.deepEqual(rig.calls, []);
    assert.equal(await rig.take(...MESSAGE, "E"), "cccccc");
    assert.deepEqual(told(rig, "ended"), ["ended queued"]);
  }
});

test("case 28: everything before CONNECT is answered as well", async () => {
  const rig = new Rig();
  assert.equal(await rig.take(ALL_ANSWERED, HELO, MAIL, RCPT, "T", "E", "UFOO\0"), "Occcccc");
  assert.deepEqual(outOfOrder(rig), ["helo", "mail", "rcpt", "data", "end-of-message"]);
});

test("case 28: an end without a recipient is answered and is no message", async () => {
  const rig = await Rig.greeted();
  assert.equal(await rig.take(MAIL, "E"), "cc");
  assert.deepEqual(outOfOrder(rig), ["end-of-message"]);
  assert.deepEqual(told(rig, "message", "end"), ["ended aborted"]);
});

test("case 29: a header after the headers, a second DATA and a body after the end are answered", async () => {
  const rig = await Rig.greeted();
  assert.equal(
    await rig.take(MAIL, RCPT, "T", "T", "N", "LLate\0x\0", "N", "Bab", RCPT),
    "ccccccccc",
  );
  assert.deepEqual(outOfOrder(rig), ["data", "header", "end-of-headers", "rcpt"]);
  assert.equal(await rig.take("E", "Bcd", "E"), "ccc");
  assert.deepEqual(outOfOrder(rig).slice(4), ["body", "end-of-message"]);
  assert.deepEqual(told(rig, "message", "header", "body", "ended"), [
    "message",
    "body 2",
    "ended queued",
  ]);
});

test("case 30: MAIL in a transaction aborts it and begins the next", async () => {
  const rig = await Rig.greeted();
  assert.equal(await rig.take(MAIL, RCPT, "M<c@z.test>\0"), "ccc");
  assert.deepEqual(rig.calls, ["mail a@x.test", "rcpt b@y.test", "ended aborted", "mail c@z.test"]);
});

test("case 31: HELO in a transaction aborts it; the second EHLO stays through the ABORT after it", async () => {
  const rig = await Rig.greeted();
  assert.equal(
    await rig.take(MAIL, RCPT, "Hsecond.example\0", "A", "Hthird.example\0", "A"),
    "cccc",
  );
  assert.deepEqual(rig.calls, [
    "mail a@x.test",
    "rcpt b@y.test",
    "ended aborted",
    "hello second.example",
    "hello third.example",
  ]);
  assert.equal(await rig.take(MAIL), "c");
});

test("case 31: the macros of the second EHLO stay through the ABORT after it", async () => {
  const rig = await Rig.greeted();
  await rig.take("DH{tls_version}\0TLSv1.3\0", HELO, "A", MAIL);
  assert.deepEqual(told(rig, "secured"), ["secured TLSv1.3"]);
});

test("case 32: ABORT outside a transaction is nothing, however often", async () => {
  const rig = await Rig.greeted();
  assert.equal(await rig.take("A", "A", "A"), "");
  assert.deepEqual(rig.calls, []);
  assert.deepEqual(rig.events, []);
  assert.equal(await rig.take(MAIL), "c");
});

test("case 33: ABORT after the end of a message does not abort it", async () => {
  const rig = await Rig.greeted();
  assert.equal(await rig.take(...MESSAGE, "E", "A", "A"), "cccccc");
  assert.deepEqual(told(rig, "ended"), ["ended queued"]);
});

test("case 34: QUIT in a transaction aborts it, closes, and drops what follows", async () => {
  const rig = await Rig.greeted();
  assert.equal(await rig.take(MAIL, RCPT, "Q"), "cc");
  assert.ok(rig.isClosed);
  assert.equal(await rig.take(MAIL, "Z", "", "E"), "");
  rig.session.end("lost");
  assert.deepEqual(rig.calls.slice(2), ["ended aborted", "close quit"]);
  assert.ok(rig.isClosed);
  assert.deepEqual(rig.events, []);
});

test("case 36: QUIT_NC after a message keeps the negotiation and awaits a CONNECT", async () => {
  const rig = await Rig.greeted();
  assert.equal(await rig.take(...MESSAGE, "E", "K"), "cccccc");
  assert.equal(rig.closes, 0);
  assert.deepEqual(told(rig, "ended", "close"), ["ended queued", "close quit"]);
  assert.equal(await rig.take(CONNECT, HELO, ...MESSAGE, "E"), "cccccccc");
  assert.deepEqual(told(rig, "ended"), ["ended queued", "ended queued"]);
});

test("case 36: QUIT_NC in a transaction aborts it; nothing of the old session is left", async () => {
  const rig = await Rig.greeted();
  await rig.take("DCv\0Postfix 3.7.11\0", "DH{tls_version}\0TLSv1.3\0", HELO, MAIL, RCPT);
  assert.equal(await rig.take("K"), "");
  assert.deepEqual(rig.calls.slice(-2), ["ended aborted", "close quit"]);
  rig.calls.length = 0;
  assert.equal(await rig.take(CONNECT, HELO, MAIL), "ccc");
  assert.deepEqual(told(rig, "secured"), []);
});

test("case 40: an end of message with a payload is a body and an end", async () => {
  const rig = await Rig.greeted();
  assert.equal(await rig.take(...MESSAGE, "Elast chunk"), "cccccc");
  assert.deepEqual(rig.calls.slice(-3), ["body 10", "end", "ended queued"]);
});

test("case 41: a message without a body comes to its end", async () => {
  const rig = await Rig.greeted();
  assert.equal(await rig.take(...MESSAGE, "E"), "cccccc");
  assert.deepEqual(told(rig, "body", "end"), ["end", "ended queued"]);
});

test("case 41: 50 MB go through one chunk at a time, each waiting for room", async () => {
  let makeRoom = () => {};
  const body = () => new Promise<void>((resolve) => (makeRoom = resolve));
  const rig = await Rig.greeted({ body });
  await rig.take(...MESSAGE);
  const chunk = new Uint8Array(65_536).fill(0x42);
  for (let i = 0; i < 800; i += 1) {
    const from = rig.sent.length;
    const taken = rig.start(chunk);
    await Promise.resolve();
    assert.equal(rig.sent.length, from, "no answer before there is room");
    makeRoom();
    await taken;
    assert.equal(rig.lettersFrom(from), "c");
  }
  assert.equal(await rig.take("E"), "c");
  assert.equal(told(rig, "body 65535").length, 800);
});

test("case 43: 20,000 recipients, many alike, are each asked about and answered", async () => {
  const rig = await Rig.greeted();
  await rig.take(MAIL);
  for (let i = 0; i < 20_000; i += 1)
    assert.equal(await rig.take(i % 2 === 0 ? RCPT : `R<u${i}@y.test>\0`), "c");
  assert.equal(await rig.take("T", "E"), "cc");
  assert.equal(told(rig, "rcpt b@y.test").length, 10_000);
  assert.equal(told(rig, "rcpt").length, 20_000);
});

test("case 53: DATA and an unknown command are answered, whatever the version", async () => {
  for (const version of [2, 3, 4, 6]) {
    const rig = new Rig();
    assert.equal(await rig.take(offer(version, 0x3f, 0x7f), CONNECT, "UFOO bar\0"), "Occ");
    assert.equal(await rig.take(MAIL, RCPT, "T", "UFOO\0"), "cccc");
    assert.deepEqual(
      rig.events.filter(({ kind }) => kind !== "missing-actions"),
      [],
    );
  }
});

test("a command that the MTA does not know is answered, and told wherever it comes", async () => {
  const rig = await Rig.greeted();
  assert.equal(await rig.take("UGET / HTTP/1.1\0", MAIL, "UFOO\0", RCPT), "cccc");
  assert.deepEqual(told(rig, "misspoke"), ["misspoke", "misspoke"]);
  assert.deepEqual(outOfOrder(rig), []);
});
