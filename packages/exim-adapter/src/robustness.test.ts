import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Answer, type Final, refusal } from "@postern/smtp-filter";
import { eximCopy, line, MESSAGE, rspamd, spamd } from "./testing/requests.ts";
import { type ScriptedServer, scriptedServer, until } from "./testing/scripted-server.ts";

const ACCEPT = 'v=1 a=accept m="" z=1\n';
const LATER = 'v=1 a=reply m="451 4.3.0 our filter has a problem, please try again later" z=1\n';
const MAIL = { helo: "mx.x.test", from: "a@x.test" };
const RCPT = { ...MAIL, rcpt: "b@y.test" };
const CONTINUE: Answer = { kind: "continue" };
const refuse: Answer = { kind: "refuse", reply: refusal(550, null, "no") };
const never = () => new Promise<never>(() => {});
const bug = async (): Promise<never> => {
  throw new Error("a bug of the port");
};

const kinds = (filter: ScriptedServer) => filter.events.map(({ kind }) => kind);
const isIdle = (filter: ScriptedServer) => until(() => filter.server.open === 0);

for (const { name, request } of [
  { name: "nothing", request: "" },
  { name: "another protocol", request: "GET / HTTP/1.1\r\n\r\n" },
  { name: "a TLS client", request: "\x16\x03\x01\x02\0" },
  { name: "half a line", request: "POSTERN1 connect ip=" },
  { name: "a line of 9,000 bytes", request: `POSTERN1 connect ip=${"Y".repeat(9000)}\n` },
  { name: "a malformed line", request: "POSTERN1 connect ip=!\n" },
  { name: "half a head", request: "REPORT SPAMC/1.2\r\nUser: from=\r\n" },
  {
    name: "a user of SpamAssassin",
    request: "REPORT SPAMC/1.2\r\nUser: nobody\r\nContent-length: 0\r\n\r\n",
  },
  { name: "a message that ends early", request: spamd(MAIL, eximCopy(MESSAGE)).slice(0, -1) },
  { name: "a message that is not a copy", request: spamd(MAIL, MESSAGE) },
  { name: "a head of 3 MB", request: `CHECK RSPAMC/1.3\r\nHelo: ${"x".repeat(3 << 20)}` },
]) {
  test(`malformed: ${name} is closed without a byte, with one event`, async () => {
    await using filter = await scriptedServer();
    assert.equal(await filter.ask(request), "");
    assert.deepEqual(kinds(filter), ["protocol-error"]);
    assert.equal(await filter.ask(line("connect")), ACCEPT);
  });
}

test("half-open: an Exim that closes its half behind the line, and one that does not", async () => {
  await using filter = await scriptedServer();
  assert.equal(await filter.ask(line("connect")), ACCEPT);
  using peer = await filter.connect();
  await peer.write(line("helo", { helo: "x" }));
  assert.equal(await peer.answer, ACCEPT);
});

test("Rspamd's dialect: Exim leaves its half open, the length counts", async () => {
  await using filter = await scriptedServer();
  using peer = await filter.connect();
  const lines = ["From: <a@x.test>", "Recipient-Number: 1", "Rcpt: <b@y.test>", "IP: 192.0.2.7"];
  await peer.write(rspamd(lines, eximCopy(MESSAGE)));
  const answer = await peer.answer;
  assert.equal(
    answer,
    "RSPAMD/1.3 0 EX_OK\r\nMetric: default; False; 0.00 / 6.00 / 10.00\r\nAction: no action\r\n",
  );
  assert.deepEqual(filter.calls.slice(0, 4), [
    "open 192.0.2.7",
    "greet",
    "mail a@x.test",
    "rcpt b@y.test",
  ]);
  assert.equal(filter.calls.at(-1), "close quit");
});

test("Rspamd's dialect: a recipient within a quoted sender is none", async () => {
  await using filter = await scriptedServer();
  const from = '"a\rRcpt: <x@y>\rb"@example.org';
  const lines = [`From: <${from}>`, "Recipient-Number: 1", "Rcpt: <b@y.test>", "IP: 192.0.2.7"];
  await filter.ask(rspamd(lines, eximCopy(MESSAGE, { from })));
  assert.deepEqual(filter.calls.slice(2, 4), [`mail ${from}`, "rcpt b@y.test"]);
  assert.equal(filter.calls.filter((call) => call.startsWith("rcpt ")).length, 1);
});

test("bytes behind the request do no harm, and do not keep the connection", async () => {
  await using filter = await scriptedServer();
  const more = "\0\xff".repeat(500_000);
  assert.equal(await filter.ask(`${line("connect")}${line("quit")}${more}`), ACCEPT);
  assert.match(await filter.ask(`${spamd(MAIL, eximCopy(MESSAGE))}${more}`), /a=accept/);
  assert.ok(filter.calls.includes("body Hello\r\n"));
  using peer = await filter.connect();
  await peer.write(`${line("connect")}${more}`);
  assert.equal(await peer.answer, ACCEPT);
  peer.socket.end();
  await isIdle(filter);
  assert.deepEqual(filter.events, []);
});

for (const [name, script, options] of [
  ["refused", { rcpt: async () => refuse }, {}],
  ["not to be seen", { mail: async () => "unseen" as const }, {}],
  ["of which enough is known", { body: () => "enough" as const }, {}],
  ["too large", {}, { maxMessageBytes: 1000 }],
  ["that the port fails at", { begun: bug }, {}],
] as const) {
  test(`a message ${name}: no answer before its last byte`, async () => {
    await using filter = await scriptedServer(script, options);
    using peer = await filter.connect();
    let said = 0;
    peer.socket.on("data", ({ length }) => {
      said += length;
    });
    const request = spamd(MAIL, eximCopy(`A: 1\n\n${"x\n".repeat(50_000)}`));
    await peer.write(request.slice(0, -1));
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(said, 0);
    await peer.write(request.slice(-1));
    assert.match(await peer.answer, / z=1\r\n$/);
  });
}

test("a request that comes byte by byte", async () => {
  await using filter = await scriptedServer();
  using peer = await filter.connect();
  peer.socket.setNoDelay(true);
  for (const byte of spamd(MAIL, eximCopy(MESSAGE))) await peer.write(byte);
  assert.match(await peer.answer, /a=accept/);
});

for (const { name, begun, waitedFor, ms } of [
  { name: "nothing", begun: "", waitedFor: "head", ms: 30_000 },
  { name: "half a line", begun: "POSTERN1 conn", waitedFor: "head", ms: 30_000 },
  {
    name: "half a message",
    begun: spamd(MAIL, eximCopy(MESSAGE)).slice(0, -9),
    waitedFor: "message",
    ms: 120_000,
  },
] as const) {
  test(`a peer that sends ${name} is cut off at its deadline`, async () => {
    await using filter = await scriptedServer();
    using peer = await filter.connect();
    await peer.write(begun);
    // The next timer is for the rest of it.
    await until(
      () => filter.clock.pending() > 0 && (begun.length < 20 || filter.calls.includes("message")),
    );
    await until(() => filter.clock.advanceNow(ms) > 0);
    assert.equal(await peer.answer, "");
    await isIdle(filter);
    assert.ok(
      filter.events.some(
        (event) => event.kind === "peer-deadline" && event.waitedFor === waitedFor,
      ),
    );
    if (waitedFor === "message") assert.ok(filter.calls.includes("ended aborted"));
  });
}

test("a peer that drips is cut off: its time is counted together", async () => {
  await using filter = await scriptedServer();
  using peer = await filter.connect();
  peer.socket.setNoDelay(true);
  let sent = 0;
  const text = line("connect");
  let isClosed = false;
  peer.socket.once("close", () => {
    isClosed = true;
  });
  peer.socket.on("end", () => peer.socket.end());
  while (!isClosed && sent < 40) {
    peer.socket.write(text[sent] ?? "");
    sent += 1;
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    filter.clock.advanceNow(2000);
  }
  await isIdle(filter);
  assert.deepEqual(kinds(filter), ["peer-deadline"]);
  assert.ok(sent < 40, `cut off after ${sent} bytes`);
});

test("a peer that does not close after its answer is cut off", async () => {
  await using filter = await scriptedServer();
  using peer = await filter.connect();
  await peer.write(line("connect"));
  assert.equal(await peer.answer, ACCEPT);
  assert.equal(filter.server.open, 1);
  filter.clock.advanceNow(5000);
  await isIdle(filter);
  assert.equal(filter.server.count("peer-deadline"), 1);
});

test("a peer that never reads does not keep its connection", async () => {
  await using filter = await scriptedServer();
  using peer = await filter.connect();
  peer.socket.pause();
  await peer.write(spamd(MAIL, eximCopy(MESSAGE)));
  await until(() => filter.calls.includes("ended queued"));
  await until(() => filter.clock.advanceNow(5000) > 0 || filter.server.open === 0);
  await isIdle(filter);
});

test("a peer that leaves in the middle of a message", async () => {
  await using filter = await scriptedServer();
  const peer = await filter.connect();
  await peer.write(spamd(MAIL, eximCopy(MESSAGE)).slice(0, -5));
  await until(() => filter.calls.includes("message"));
  peer.socket.resetAndDestroy();
  await isIdle(filter);
  await until(() => filter.calls.includes("ended aborted"));
  assert.deepEqual(filter.events, []);
});

test("a peer that leaves while the port thinks: the next request goes on", async () => {
  const gate = Promise.withResolvers<Answer>();
  await using filter = await scriptedServer({ greet: () => gate.promise });
  const peer = await filter.connect();
  await peer.write(line("connect"));
  await until(() => filter.calls.includes("greet"));
  peer.socket.resetAndDestroy();
  await isIdle(filter);
  gate.resolve(CONTINUE);
  assert.equal(await filter.ask(line("helo", { helo: "x" })), ACCEPT);
  assert.deepEqual(filter.calls, ["open 192.0.2.7", "greet", "hello x"]);
});

for (const [onFailure, answer] of [
  ["accept", ACCEPT],
  ["tempfail", LATER],
] as const) {
  test(`onFailure ${onFailure}: a port that throws at any stage, and the next request begins anew`, async () => {
    for (const script of [
      { open: () => assert.fail("a bug of the port") },
      { greet: bug },
      { hello: bug },
      { mail: bug },
      { rcpt: bug },
    ]) {
      await using filter = await scriptedServer(script, { onFailure });
      assert.equal(await filter.ask(line("rcpt", RCPT)), answer);
      assert.deepEqual(kinds(filter), ["handler-error"]);
      assert.equal(filter.server.sessions().sessions, 0);
      assert.equal(await filter.ask(line("rcpt", RCPT)), answer);
      assert.equal(filter.calls.filter((call) => call.startsWith("open")).length, 2);
    }
  });

  test(`onFailure ${onFailure}: a port that is late, whose answer is dropped`, async () => {
    const gate = Promise.withResolvers<Answer>();
    await using filter = await scriptedServer({ rcpt: () => gate.promise }, { onFailure });
    const asked = filter.ask(line("rcpt", RCPT));
    await until(() => filter.calls.includes("rcpt b@y.test"));
    filter.clock.advanceNow(9000);
    assert.equal(await asked, answer);
    gate.resolve(CONTINUE);
    await until(() => filter.events.length === 2);
    assert.deepEqual(kinds(filter), ["deadline", "late-answer"]);
    assert.deepEqual(filter.calls.slice(-2), ["ended aborted", "close aborted"]);
  });

  test(`onFailure ${onFailure}: a message on a port that breaks anywhere is read whole and answered once`, async () => {
    const body = "x\n".repeat(200_000);
    const wanted =
      onFailure === "accept" ? /a=accept d="" h=""/ : /a=reply d="" h="" m="451 4\.3\.0 /;
    for (const script of [
      { greet: bug },
      { begun: bug },
      { body: () => assert.fail("a bug of the port") },
      { body: bug },
      { end: bug },
    ]) {
      await using filter = await scriptedServer(script, { onFailure });
      const answer = await filter.ask(spamd(MAIL, eximCopy(`A: 1\n\n${body}`)));
      assert.match(answer, wanted);
      assert.equal(answer.split("postern:").length, 2);
      assert.deepEqual(kinds(filter), ["handler-error"]);
    }
  });
}

test("the end of a message has its own deadline", async () => {
  await using filter = await scriptedServer({ end: never });
  const asked = filter.ask(spamd(MAIL, eximCopy(MESSAGE)));
  await until(() => filter.calls.includes("end"));
  filter.clock.advanceNow(64_999);
  assert.deepEqual(filter.events, []);
  filter.clock.advanceNow(1);
  assert.match(await asked, /a=accept/);
  assert.deepEqual(kinds(filter), ["deadline"]);
});

test("a request that waits for another of its session is answered in time", async () => {
  await using filter = await scriptedServer({ greet: never }, { onFailure: "tempfail" });
  const first = filter.ask(line("connect"));
  await until(() => filter.calls.includes("greet"));
  const second = filter.ask(line("helo"));
  await until(() => filter.server.accepted === 2);
  await until(() => filter.clock.advanceNow(9000) > 0 && filter.events.length >= 2);
  assert.deepEqual([await first, await second], [LATER, LATER]);
});

test("back-pressure: the socket is not read before the port has room", async () => {
  const rooms: (() => void)[] = [];
  await using filter = await scriptedServer({
    body: () => new Promise<void>((resolve) => rooms.push(resolve)),
  });
  using peer = await filter.connect();
  const bytes = 20 << 20;
  peer.socket.write(spamd(MAIL, eximCopy(`A: 1\n\n${"x".repeat(bytes)}\n`)), "latin1");
  await until(() => rooms.length === 1);
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(rooms.length, 1);
  assert.ok(peer.socket.writableLength > bytes / 4, `${peer.socket.writableLength} bytes wait`);
  const pump = async () => {
    for (;;) {
      rooms.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
      if (filter.calls.includes("end")) return;
    }
  };
  await pump();
  assert.match(await peer.answer, /a=accept/);
  const shown = filter.calls.filter((call) => call.startsWith("body "));
  assert.equal(
    shown.reduce((sum, call) => sum + call.length - 5, 0),
    bytes + 2,
  );
});

test("enough: the rest is read, and not shown", async () => {
  await using filter = await scriptedServer({ body: () => "enough" });
  const answer = await filter.ask(spamd(MAIL, eximCopy(`A: 1\n\n${"x\n".repeat(2 << 20)}`)));
  assert.match(answer, /a=accept/);
  assert.equal(filter.calls.filter((call) => call.startsWith("body ")).length, 1);
});

for (const [onFailure, wanted] of [
  ["accept", /a=accept d="" h=""/],
  ["tempfail", /a=reply d="" h="" m="552 5\.3\.4 message is too large"/],
] as const) {
  test(`onFailure ${onFailure}: a message that is too large is read and not looked at`, async () => {
    await using filter = await scriptedServer({}, { onFailure, maxMessageBytes: 1000 });
    assert.match(await filter.ask(spamd(MAIL, eximCopy(`A: 1\n\n${"x\n".repeat(1000)}`))), wanted);
    assert.deepEqual(filter.calls, []);
    assert.deepEqual(kinds(filter), ["message-too-large"]);
    assert.equal(filter.server.count("message-too-large"), 1);
  });
}

test("too many connections are closed at once", async () => {
  await using filter = await scriptedServer({}, { maxConnections: 1 });
  using first = await filter.connect();
  // The end of the message does not come; but it speaks the protocol.
  await first.write(spamd(MAIL, eximCopy("A: 1\n\nx\n")).slice(0, -2));
  await until(() => filter.calls.length > 0);
  using second = await filter.connect();
  assert.equal(await second.answer, "");
  assert.deepEqual(kinds(filter), ["over-limit"]);
});

test("a peer that is not allowed is closed at once", async () => {
  const seen: string[] = [];
  const allowPeer = (address: string) => {
    seen.push(address);
    return false;
  };
  await using filter = await scriptedServer({}, { allowPeer });
  using peer = await filter.connect();
  assert.equal(await peer.answer, "");
  assert.deepEqual([seen, kinds(filter)], [["127.0.0.1"], ["refused-connection"]]);
});

test("drain: what is asked is answered, nothing new is taken, and the rest is cut off", async () => {
  const gate = Promise.withResolvers<Answer>();
  await using filter = await scriptedServer({ greet: () => gate.promise });
  const asked = filter.ask(line("connect"));
  await until(() => filter.calls.includes("greet"));
  using idle = await filter.connect();
  await until(() => filter.server.open === 2);
  const drained = filter.server.drain(20_000);
  gate.resolve(CONTINUE);
  assert.equal(await asked, ACCEPT);
  await assert.rejects(filter.connect());
  filter.clock.advanceNow(20_000);
  await drained;
  assert.equal(await idle.answer, "");
});

test("a unix socket", async () => {
  const folder = await mkdtemp(join(tmpdir(), "postern-"));
  try {
    const path = join(folder, "e.sock");
    const listener = { kind: "unix", path, mode: 0o600, group: null } as const;
    await using filter = await scriptedServer({}, { listener });
    assert.equal(filter.server.address, `unix:${path}`);
    assert.equal(await filter.ask(line("connect")), ACCEPT);
    assert.match(await filter.ask(spamd(MAIL, eximCopy(MESSAGE))), /a=accept/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

for (const [name, said] of [
  ["nothing", undefined],
  ["an object", {}],
  ["a refusal without a reply", { kind: "refuse" }],
  ["a refusal of nothing", { kind: "refuse", reply: {} }],
  ["edits that are none", { kind: "deliver", edits: [{ kind: "insert" }] }],
] as const) {
  test(`a port that answers ${name} fails, and Exim has one answer`, async () => {
    const say = async () => said as unknown as Answer & Final;
    for (const script of [{ greet: say }, { rcpt: say }, { end: say }]) {
      await using filter = await scriptedServer(script);
      assert.match(await filter.ask(line("connect")), /^v=1 a=\w+ m="[^"]*" z=1\n$/);
      assert.match(await filter.ask(line("rcpt", RCPT)), /^v=1 a=\w+ m="[^"]*" z=1\n$/);
      assert.match(await filter.ask(spamd(MAIL, eximCopy(MESSAGE))), /postern: v=1 .* z=1\r\n$/);
      for (const kind of kinds(filter)) assert.equal(kind, "handler-error");
    }
  });
}
