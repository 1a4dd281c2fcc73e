import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, framed } from "../test-support/captures.ts";
import { atRcpt, Driver, OFFER, OLD_OFFER, say } from "../test-support/driver.ts";
import { Recorder } from "../test-support/recorder.ts";
import { ACTIONS, PROTOCOL } from "./wire/negotiate.ts";

const optneg = (version: number, actions: number, protocol: number) =>
  ({ kind: "negotiate", version, actions, protocol }) as const;

test("case 11: version 0 and 1 close, 2 is 2, 99 is 6, words of 0 mean those of version 1", async () => {
  for (const version of [0, 1]) {
    const driver = await new Driver(new Recorder()).commands(optneg(version, 0x1ff, 0x1fffff));
    assert.deepEqual([driver.isClosed, driver.kinds()], [true, []]);
  }
  for (const [offered, answered] of [
    [2, 2],
    [3, 3],
    [4, 4],
    [6, 6],
    [99, 6],
  ] as const) {
    const driver = await new Driver(new Recorder()).commands(optneg(offered, 0x3f, 0x7f));
    const [answer] = driver.responses;
    assert.equal(answer?.kind === "negotiate" && answer.version, answered);
  }
  const driver = await new Driver(new Recorder()).commands(optneg(6, 0, 0));
  assert.deepEqual(driver.responses[0], {
    kind: "negotiate",
    version: 6,
    actions: ACTIONS.addHeaders,
    protocol: 0,
    macroLists: [],
  });
});

test("case 12: missing actions are named; then it goes on, or closes where told to", async () => {
  const degraded = await new Driver(new Recorder()).commands(optneg(6, 0x101, 0x1fffff));
  assert.deepEqual(degraded.events, [
    { kind: "missing-actions", names: ["changeHeaders"], peer: "test", state: "new" },
  ]);
  assert.equal(degraded.isClosed, false);
  const options = { ...new Recorder(), open: new Recorder().open };
  const strict = new Driver({ ...options, onMissingActions: "close" });
  await strict.commands(optneg(6, 0x101, 0x1fffff));
  assert.equal(strict.isClosed, true);
  assert.match(JSON.stringify(strict.events), /changeHeaders/);
});

test("case 17: macros for an unknown stage are dropped, those for L, B, U last one command", async () => {
  const recorder = new Recorder();
  const driver = await new Driver(recorder).bytes(bytes("0000000D 4F 00000006 000001FF 001FFFFF"));
  await driver.bytes(framed("D", "Z{daemon_name}\0z\0"));
  await driver.commands(
    say.macros("header", { "{daemon_name}": "l" }),
    say.macros("unknown", { "{daemon_name}": "u" }),
    say.connect(),
  );
  assert.equal(recorder.clients[0]?.daemonName, null);
  assert.deepEqual(driver.events, []);
});

test("case 18: an odd number of strings, an open last string, too many names", async () => {
  for (const [payload, name] of [
    ["Cj\0mx\0{daemon_name}\0in\0v\0", "in"],
    ["Cj\0mx\0{daemon_name}\0in", "in"],
    ["C{daemon_name}", null],
    [`C${Array.from({ length: 300 }, (_, i) => `{x${i}}\0y\0`).join("")}{daemon_name}\0in\0`, null],
    [`C{x}\0${"y".repeat(70_000)}\0{daemon_name}\0in\0`, null],
  ] as const) {
    const recorder = new Recorder();
    const driver = await new Driver(recorder).commands(OFFER);
    await driver.bytes(framed("D", payload));
    await driver.commands(say.connect());
    assert.equal(recorder.clients[0]?.daemonName, name);
    assert.equal(recorder.clients.length, 1);
  }
});

test("case 19: of two macro packets for a stage the last one counts", async () => {
  const recorder = new Recorder();
  await new Driver(recorder).commands(
    OFFER,
    say.macros("connect", { "{daemon_name}": "a", v: "Postfix 3.7.11" }),
    say.macros("connect", { "{daemon_name}": "b" }),
    say.connect(),
  );
  assert.equal(recorder.clients[0]?.daemonName, "b");
  assert.equal(recorder.clients[0]?.mta.name, "milter");
});

test("case 21: a family nobody knows is taken as unknown", async () => {
  const recorder = new Recorder();
  const driver = await new Driver(recorder).commands(OFFER);
  await driver.bytes(framed("C", "mx\0X\0\x19whatever"));
  assert.deepEqual(driver.kinds(), ["negotiate", "continue"]);
  assert.equal(recorder.clients[0]?.address, null);
});

test("case 22: an address that is none goes on without one", async () => {
  for (const address of ["999.1.1.1", "", "unknown", "192.0.2.1 "]) {
    const recorder = new Recorder();
    const driver = await new Driver(recorder).commands(OFFER, say.connect(address));
    assert.deepEqual(driver.kinds(), ["negotiate", "continue"]);
    assert.equal(recorder.clients[0]?.address, null);
  }
});

test("case 23: IPv6 with and without tag, brackets, scope", async () => {
  for (const [text, address] of [
    ["IPv6:2001:db8:0:0:0:0:0:1", "2001:db8::1"],
    ["ipv6:2001:DB8::1", "2001:db8::1"],
    ["2001:db8::1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
  ] as const) {
    const recorder = new Recorder();
    await new Driver(recorder).commands(OFFER, say.connect(text));
    assert.equal(recorder.clients[0]?.address, address);
  }
});

test("case 24: a second CONNECT is a new session", async () => {
  const recorder = new Recorder();
  const driver = await atRcpt(recorder);
  await driver.commands(say.connect("192.0.2.8"), say.helo());
  assert.deepEqual(driver.kinds(), ["continue", "continue"]);
  assert.deepEqual(recorder.only("open", "ended", "close"), [
    "open 192.0.2.7",
    "ended aborted",
    "close quit",
    "open 192.0.2.8",
  ]);
});

test("case 25: HELO: empty, open, of 8 KB, binary: all are answered", async () => {
  const recorder = new Recorder();
  const driver = await new Driver(recorder).commands(OFFER, say.connect());
  driver.kinds();
  const names = ["", "no.nul", `${"x".repeat(8192)}\0`, "\xff\x01 \x7f\0", "a b\0"];
  await driver.bytes(...names.map((name) => framed("H", name)));
  assert.deepEqual(
    driver.kinds(),
    names.map(() => "continue"),
  );
  assert.deepEqual(recorder.only("hello").slice(0, 2), ["hello ", "hello no.nul"]);
});

test("case 30: MAIL inside a transaction aborts it and begins another", async () => {
  const recorder = new Recorder();
  const driver = await atRcpt(recorder);
  await driver.commands(say.mail("<c@example.org>"));
  assert.deepEqual(driver.kinds(), ["continue"]);
  assert.deepEqual(recorder.only("mail", "ended"), [
    "mail a@example.org",
    "ended aborted",
    "mail c@example.org",
  ]);
  assert.deepEqual(driver.events, []);
});

test("case 31: HELO inside a transaction aborts it; the new name counts, also when A follows it", async () => {
  const recorder = new Recorder();
  const driver = await atRcpt(recorder);
  await driver.commands(say.helo("two"), say.abort, say.mail());
  assert.deepEqual(driver.kinds(), ["continue", "continue"]);
  assert.deepEqual(recorder.only("hello", "ended"), [
    "hello client.example.org",
    "ended aborted",
    "hello two",
  ]);
});

test("case 32: ABORT outside a transaction does nothing", async () => {
  const recorder = new Recorder();
  const driver = await new Driver(recorder).commands(OFFER, say.connect(), say.abort, say.abort);
  await driver.commands(say.abort, say.helo());
  assert.deepEqual(driver.kinds(), ["negotiate", "continue", "continue"]);
  assert.deepEqual(recorder.only("ended", "close"), []);
});

test("case 33: ABORT after the end of a message is not told", async () => {
  const recorder = new Recorder();
  const driver = await atRcpt(recorder);
  await driver.commands(say.data, say.endOfMessage(), say.abort, say.abort, say.quit);
  assert.deepEqual(recorder.only("ended", "close"), ["ended queued", "close quit"]);
});

test("case 34: QUIT in mid-transaction aborts, then closes; what follows is dropped", async () => {
  const recorder = new Recorder();
  const driver = await atRcpt(recorder);
  await driver.commands(say.quit, say.helo("late"), say.quit);
  assert.deepEqual(recorder.only("ended", "close"), ["ended aborted", "close quit"]);
  assert.deepEqual([driver.isClosed, driver.kinds(), driver.events], [true, [], []]);
});

test("case 35: the end of the stream without QUIT is no warning", async () => {
  const recorder = new Recorder();
  const driver = await new Driver(recorder).commands(OFFER, say.connect());
  driver.session.end("lost");
  assert.deepEqual([recorder.only("close"), driver.events], [["close lost"], []]);
});

test("case 36: QUIT_NC ends the session, in mid-transaction too; the next begins with CONNECT", async () => {
  const recorder = new Recorder();
  const driver = await atRcpt(recorder);
  await driver.commands(say.newConnection, say.connect("192.0.2.8"), say.helo(), say.mail());
  assert.deepEqual(driver.kinds(), ["continue", "continue", "continue"]);
  await driver.commands(say.rcpt(), say.data, say.endOfMessage(), say.newConnection, say.quit);
  assert.deepEqual(recorder.only("open", "ended", "close"), [
    "open 192.0.2.7",
    "ended aborted",
    "close quit",
    "open 192.0.2.8",
    "ended queued",
    "close quit",
  ]);
  assert.equal(driver.isClosed, true);
});

test("case 50: mapped addresses, unknown, port 0 and absent macros", async () => {
  const recorder = new Recorder();
  const driver = new Driver(recorder);
  await driver.commands(OFFER, say.connect("::ffff:192.0.2.7"));
  await driver.commands(say.connect("IPv6:::ffff:192.0.2.7", 0), say.connect("127.0.0.1", 0));
  assert.deepEqual(
    recorder.clients.map(({ address, port, origin }) => [address, port, origin]),
    [
      ["192.0.2.7", 41_000, "network"],
      ["192.0.2.7", null, "network"],
      ["127.0.0.1", null, "local"],
    ],
  );
  assert.equal(recorder.clients[0]?.localPort, null);
});

test("case 52: attacker text in macros is never in an event", async () => {
  const recorder = new Recorder();
  const driver = await new Driver(recorder).commands(OFFER, say.connect());
  const hostile = "evil\r\n\x1b[31m\xff";
  await driver.commands(
    say.macros("helo", { "{tls_version}": "TLSv1.3", "{cert_subject}": hostile }),
    say.helo(),
    say.macros("mail", { "{mail_addr}": hostile }),
    say.mail(),
    say.macros("rcpt", {
      "{rcpt_addr}": hostile,
      "{rcpt_mailer}": "error",
      "{rcpt_host}": hostile,
    }),
    say.rcpt(),
    say.data,
    say.data,
  );
  await driver.bytes(framed("Z", hostile));
  assert.deepEqual(driver.eventKinds(), ["out-of-order", "protocol-error"]);
  assert.doesNotMatch(JSON.stringify(driver.events), /evil/);
  assert.deepEqual(recorder.only("outcome"), ["outcome b@example.net refused"]);
});

test("case 53: a version 2 peer that sends DATA or UNKNOWN is answered", async () => {
  const driver = await atRcpt(new Recorder(), OLD_OFFER);
  await driver.commands(say.unknown, say.data, say.unknown, say.endOfMessage());
  assert.deepEqual(driver.kinds(), ["continue", "continue", "continue", "continue"]);
  assert.equal(PROTOCOL.noUnknown & 0x7f, 0);
});
