import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Answer } from "@postern/smtp-filter";
import { frameOf, RawMta } from "./testing/raw-mta.ts";
import {
  ALL_ANSWERED,
  CONNECT,
  FULL_OFFER,
  HELO,
  MAIL,
  MESSAGE,
  RCPT,
  WITHOUT_SKIP,
} from "./testing/rig.ts";
import { scriptedServer, until } from "./testing/scripted-server.ts";

const CONTINUE: Answer = { kind: "continue" };

test("serveMilter: a whole message over TCP, cut into single bytes", async () => {
  await using filter = await scriptedServer();
  using mta = await filter.connect();
  const packets = [FULL_OFFER, CONNECT, HELO, ...MESSAGE, "Bbody\r\n", "E"];
  for (const byte of Buffer.concat(packets.map(frameOf))) mta.socket.write(Uint8Array.of(byte));
  assert.equal(await mta.letters(8), "Occccccc");
  mta.send("Q");
  await mta.closed;
  assert.deepEqual(filter.calls.slice(-3), ["end", "ended queued", "close quit"]);
  assert.deepEqual(filter.events, []);
});

test("case 05: end of the stream in the middle of a packet", async () => {
  await using filter = await scriptedServer();
  using mta = await filter.connect();
  mta.send(FULL_OFFER, CONNECT, HELO, MAIL, RCPT);
  await mta.letters(5);
  mta.socket.end(frameOf("Bhalf").subarray(0, 6));
  await mta.closed;
  await filter.called("close lost");
  assert.deepEqual(filter.calls.slice(-2), ["ended aborted", "close lost"]);
  assert.deepEqual(filter.events, []);
});

test("case 06: a packet that is never completed", async () => {
  await using filter = await scriptedServer();
  using mta = await filter.connect();
  mta.send(FULL_OFFER, CONNECT);
  await mta.letters(2);
  const frame = frameOf(HELO);
  mta.socket.write(frame.subarray(0, 5));
  await turn(mta);
  // A byte a minute does not buy more time: each is seen before the clock moves on.
  for (const at of [5, 6, 7]) {
    filter.clock.advanceNow(19_000);
    mta.socket.write(frame.subarray(at, at + 1));
    await turn(mta);
  }
  assert.equal(filter.events.length, 0);
  filter.clock.advanceNow(3001);
  await mta.closed;
  const [event] = filter.events;
  assert.ok(event?.kind === "peer-deadline");
  assert.deepEqual([event.waitedFor, event.deadlineMs], ["rest-of-packet", 60_000]);
  assert.deepEqual(filter.calls.slice(-1), ["close aborted"]);
});

test("case 06: nothing at all after the connection", async () => {
  await using filter = await scriptedServer();
  using mta = await filter.connect();
  await until(() => filter.server.open === 1);
  filter.clock.advanceNow(30_000);
  await mta.closed;
  const [event] = filter.events;
  assert.ok(event?.kind === "peer-deadline");
  assert.equal(event.waitedFor, "negotiation");
});

test("case 06: an MTA that thinks for two hours", async () => {
  await using filter = await scriptedServer();
  using mta = await filter.connect();
  mta.send(FULL_OFFER, CONNECT);
  await mta.letters(2);
  filter.clock.advanceNow(7_209_000);
  mta.send(HELO);
  assert.equal(await mta.letters(1), "c");
  filter.clock.advanceNow(7_211_000);
  await mta.closed;
  const [event] = filter.events;
  assert.ok(event?.kind === "peer-deadline");
  assert.equal(event.waitedFor, "command");
});

test("case 07: a web browser", async () => {
  await using filter = await scriptedServer();
  using mta = await filter.connect();
  mta.socket.write("GET / HTTP/1.1\r\nHost: mx\r\n\r\n");
  await mta.closed;
  const [event] = filter.events;
  assert.ok(event?.kind === "protocol-error");
  assert.match(event.firstBytesHex, /^47455420/);
  assert.equal(event.code, null);
  assert.equal(filter.server.count("protocol-error"), 1);
  assert.deepEqual(filter.calls, []);
});

test("case 08: connect and close without a byte", async () => {
  await using filter = await scriptedServer();
  using mta = await filter.connect();
  await until(() => filter.server.open === 1);
  mta.socket.end();
  await mta.closed;
  await until(() => filter.server.open === 0);
  assert.deepEqual([filter.calls, filter.events], [[], []]);
  assert.equal(filter.clock.pending(), 0);
  assert.equal(filter.server.accepted, 1);
});

test("case 35: end of the stream without QUIT", async () => {
  await using filter = await scriptedServer();
  using mta = await filter.connect();
  mta.send(FULL_OFFER, CONNECT, HELO);
  await mta.letters(3);
  mta.socket.end();
  await mta.closed;
  await filter.called("close lost");
  assert.deepEqual(filter.events, []);
});

test("case 42: commands in one segment wait for the answer before them", async () => {
  const answers: ((answer: Answer) => void)[] = [];
  await using filter = await scriptedServer({
    hello: () => new Promise((resolve) => answers.push(resolve)),
  });
  using mta = await filter.connect();
  mta.send(FULL_OFFER, CONNECT, HELO, MAIL, RCPT, "A", "Q");
  assert.equal(await mta.letters(2), "Oc");
  await filter.called("hello mail.example.com");
  await turn(mta);
  assert.equal(filter.calls.at(-1), "hello mail.example.com");
  answers[0]?.(CONTINUE);
  assert.equal(await mta.letters(3), "ccc");
  await mta.closed;
  assert.deepEqual(filter.calls.slice(-4), [
    "mail a@x.test",
    "rcpt b@y.test",
    "ended aborted",
    "close quit",
  ]);
});

test("case 41: a body faster than its reader stops the socket, and all of it arrives", async () => {
  const rooms: (() => void)[] = [];
  let isOpen = false;
  let bytes = 0;
  await using filter = await scriptedServer({
    body(chunk) {
      bytes += chunk.length;
      return isOpen ? undefined : new Promise((resolve) => rooms.push(resolve));
    },
  });
  using mta = await filter.connect();
  mta.send(WITHOUT_SKIP, CONNECT, HELO, ...MESSAGE);
  await mta.letters(6);
  const chunk = new Uint8Array(65_536).fill(0x42);
  const chunks = 400;
  for (let i = 0; i < chunks; i += 1) mta.send(chunk);
  mta.send("E");
  await until(() => rooms.length === 1);
  // What the kernel and 64 packets hold is far below 26 MB: the rest stays with the sender.
  await turn(mta);
  assert.ok(mta.socket.writableLength > 0);
  assert.equal(bytes, 65_535);
  isOpen = true;
  rooms[0]?.();
  assert.equal(await mta.letters(1), "c");
  assert.equal(bytes, chunks * 65_535);
});

test("case 46: the MTA is gone before its answer is written", async () => {
  const answers: ((answer: Answer) => void)[] = [];
  await using filter = await scriptedServer({
    hello: () => new Promise((resolve) => answers.push(resolve)),
  });
  using mta = await filter.connect();
  mta.send(FULL_OFFER, CONNECT, HELO);
  await filter.called("hello mail.example.com");
  mta.socket.resetAndDestroy();
  await filter.called("close lost");
  answers[0]?.(CONTINUE);
  using next = await filter.connect();
  next.send(FULL_OFFER);
  assert.equal(await next.letters(1), "O");
  assert.deepEqual(
    filter.calls.filter((call) => call.startsWith("close")),
    ["close lost"],
  );
  assert.deepEqual(filter.events, []);
});

test("case 46: the MTA writes and never reads", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "postern-"));
  t.after(() => rm(folder, { recursive: true }));
  // The kernel holds far less for a unix socket than for TCP.
  const path = join(folder, "p.sock");
  await using filter = await scriptedServer(
    {},
    { listener: { kind: "unix", path, mode: 0o600, group: null } },
  );
  using mta = await filter.connect();
  mta.socket.pause();
  mta.send(ALL_ANSWERED, CONNECT, HELO);
  const many = Buffer.concat(Array.from({ length: 20_000 }, () => frameOf("N")));
  const pump = (): void => {
    while (!mta.socket.destroyed && mta.socket.write(many));
    mta.socket.once("drain", pump);
  };
  pump();
  await until(() => filter.events.some(({ kind }) => kind === "not-reading"));
  await filter.called("close lost");
  assert.equal(filter.server.count("not-reading"), 1);
});

test("case 48: one connection more than allowed", async () => {
  await using filter = await scriptedServer({}, { maxConnections: 1 });
  using first = await filter.connect();
  first.send(FULL_OFFER, CONNECT);
  await first.letters(2);
  using second = await filter.connect();
  await second.closed;
  await filter.heard(1);
  assert.ok(filter.events[0]?.kind === "over-limit");
  assert.equal(filter.events[0].limit, 1);
  first.send("Q");
  await first.closed;
  await until(() => filter.server.open === 0);
  using third = await filter.connect();
  third.send(FULL_OFFER);
  assert.equal(await third.letters(1), "O");
  assert.deepEqual([filter.server.accepted, filter.server.count("over-limit")], [2, 1]);
});

test("serveMilter: a peer that is not allowed", async () => {
  const asked: string[] = [];
  await using filter = await scriptedServer(
    {},
    {
      allowPeer(address) {
        asked.push(address);
        return false;
      },
    },
  );
  using mta = await filter.connect();
  await mta.closed;
  assert.deepEqual(asked, ["127.0.0.1"]);
  assert.equal(filter.events[0]?.kind, "refused-connection");
  assert.equal(filter.server.count("refused-connection"), 1);
});

test("serveMilter: a port that is taken", async () => {
  await using filter = await scriptedServer();
  const port = filter.server.port ?? 0;
  await assert.rejects(
    scriptedServer({}, { listener: { kind: "inet", host: "127.0.0.1", port } }),
    new RegExp(`^Error: Cannot listen on 127.0.0.1 port ${port}: .*EADDRINUSE`),
  );
});

test("drain: open sessions end by themselves, new ones are refused", async () => {
  await using filter = await scriptedServer();
  using mta = await filter.connect();
  mta.send(FULL_OFFER, CONNECT);
  await mta.letters(2);
  const drained = filter.server.drain(20_000);
  await assert.rejects(filter.connect(), /ECONNREFUSED/);
  mta.send(HELO);
  assert.equal(await mta.letters(1), "c");
  mta.send("Q");
  await drained;
  assert.deepEqual(filter.calls.slice(-1), ["close quit"]);
  await until(() => filter.clock.pending() === 0 && filter.server.open === 0);
});

test("drain: what is left after the deadline is cut off", async () => {
  await using filter = await scriptedServer();
  using mta = await filter.connect();
  mta.send(FULL_OFFER, CONNECT);
  await mta.letters(2);
  const drained = filter.server.drain(20_000);
  await until(() => filter.clock.pending() === 2);
  filter.clock.advanceNow(20_000);
  await drained;
  await mta.closed;
  assert.deepEqual(filter.calls.slice(-1), ["close aborted"]);
  await filter.server.drain(0);
});

/** Long enough for what was written to have been read: another connection has come and gone meanwhile. */
async function turn(mta: RawMta): Promise<void> {
  const server: Server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new TypeError("no port");
  for (let i = 0; i < 5; i += 1) {
    using other = await RawMta.open({ kind: "inet", host: "127.0.0.1", port: address.port });
    await other.closed;
  }
  server.close();
  assert.ok(!mta.socket.destroyed);
}
