import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteAccount } from "@postern/smtp-filter/serve";
import { frameOf, type RawMta } from "./testing/raw-mta.ts";
import { CONNECT, FULL_OFFER, HELO, MAIL, MESSAGE, RCPT, WITHOUT_SKIP } from "./testing/rig.ts";
import { type ScriptedServer, scriptedServer, until } from "./testing/scripted-server.ts";

const FAILURES: ReadonlySet<string> = new Set(["handler-error", "deadline", "internal-error"]);

const MIB = 1 << 20;
/** As large as a packet may be, and without its last byte. */
const ALMOST = frameOf(`B${"x".repeat(MIB)}`).subarray(0, -1);
const CHUNK = `B${"x".repeat(65_535)}`;
const FIELD = `LX\0${"v".repeat(4000)}\0`;

/** A session that is in the middle of a message. */
async function inBody(filter: ScriptedServer): Promise<RawMta> {
  const mta = await filter.connect();
  mta.send(
    WITHOUT_SKIP,
    CONNECT,
    HELO,
    ...MESSAGE.slice(0, 3),
    FIELD,
    "N",
    `B${CHUNK.slice(-8192)}`,
  );
  assert.equal(await mta.letters(6), "Occccc");
  mta.socket.write(frameOf(CHUNK).subarray(0, 40_000));
  return mta;
}

async function finish(mta: RawMta): Promise<void> {
  mta.socket.write(frameOf(CHUNK).subarray(40_000));
  mta.send("E");
  assert.equal(await mta.letters(1), "c");
}

test("attack: 150 packets of 1 MB without their last byte stay within the bound, and honest mail goes on", async () => {
  const account = new ByteAccount(16 * MIB);
  await using filter = await scriptedServer({}, { account });
  const honest = await Promise.all(Array.from({ length: 20 }, () => inBody(filter)));
  const attackers: RawMta[] = [];
  for (let i = 0; i < 150; i += 1) {
    const mta = await filter.connect();
    attackers.push(mta);
    const written = new Promise<void>((resolve) => {
      mta.send(FULL_OFFER, CONNECT);
      mta.socket.write(ALMOST, () => resolve());
    });
    await Promise.race([written, mta.closed]);
    assert.ok(account.usedBytes <= account.maxBytes);
  }
  // 15 of them fit.
  await until(() => filter.server.count("evicted") >= 150 - 15);
  assert.ok(account.usedBytes <= account.maxBytes);
  await Promise.all(honest.map(finish));
  const evicted = filter.server.count("evicted");
  const failures = filter.events.filter(({ kind }) => FAILURES.has(kind)).length;
  assert.ok(evicted <= 150);
  assert.equal(failures, 0);
  const [event] = filter.events;
  assert.ok(event?.kind === "evicted" && event.heldBytes > MIB / 2);
  for (const mta of [...honest, ...attackers]) mta.socket.destroy();
  await until(() => filter.server.open === 0);
  assert.equal(account.usedBytes, 0);
});

test("1,000 large mails under way hold one body chunk and a header each", async () => {
  const account = new ByteAccount(256 * MIB);
  await using filter = await scriptedServer({}, { account });
  const mtas: RawMta[] = [];
  for (let i = 0; i < 1000; i += 1) mtas.push(await inBody(filter));
  assert.ok(account.usedBytes <= 1000 * (65_536 + 8192), `${account.usedBytes}`);
  await Promise.all(mtas.map(finish));
  assert.equal(filter.server.count("evicted"), 0);
  for (const mta of mtas) mta.socket.destroy();
  await until(() => filter.server.open === 0);
  assert.equal(account.usedBytes, 0);
});

const long = (letter: string) => `${letter}${"y".repeat(MIB - 100)}\0`;
const many = (packet: string, count: number) => new Array<string>(count).fill(packet);

const greedy: readonly { name: string; packets: readonly string[] }[] = [
  { name: "recipients", packets: many(long("R<"), 3) },
  { name: "fields", packets: ["T", ...many(`${long("LX")}z\0`, 3)] },
  { name: "short fields", packets: ["T", ...many("LX\0z\0", 10_000)] },
  { name: "chunks of a body that wait", packets: ["T", ...many(long("B"), 3)] },
];

for (const { name, packets } of greedy) {
  test(`attack: ${name} are counted`, async () => {
    const account = new ByteAccount(8 * MIB);
    // As the daemon sets them: only the account bounds what comes.
    const limits = { maxHeaders: 1_000_000, maxHeaderBytes: 64 * MIB };
    const stuck = { body: () => new Promise<void>(() => {}) };
    await using filter = await scriptedServer(stuck, { account, ...limits });
    using honest = await filter.connect();
    honest.send(WITHOUT_SKIP, CONNECT, HELO, MAIL);
    await honest.letters(4);
    const attackers = await Promise.all(Array.from({ length: 6 }, () => filter.connect()));
    for (const mta of attackers) mta.send(WITHOUT_SKIP, CONNECT, HELO, MAIL, RCPT, ...packets);
    await until(() => {
      assert.ok(account.usedBytes <= account.maxBytes);
      return filter.server.count("evicted") > 0;
    });
    honest.send(RCPT);
    assert.equal(await honest.letters(1), "c");
    for (const mta of attackers) mta.socket.destroy();
  });
}

test("what was judged, or given up, is held no longer", async () => {
  const account = new ByteAccount(8 * MIB);
  await using filter = await scriptedServer({}, { account });
  using mta = await filter.connect();
  mta.send(WITHOUT_SKIP, CONNECT, HELO, MAIL, "A", HELO);
  await mta.letters(5);
  const idle = account.usedBytes;
  for (const end of ["A", "E"]) {
    mta.send(...MESSAGE.slice(0, 3), FIELD, "N");
    await mta.letters(3);
    await until(() => account.usedBytes > idle + FIELD.length);
    mta.send(end);
    await until(() => account.usedBytes === idle);
  }
  mta.send("Q");
  await mta.closed;
  await until(() => account.usedBytes === 0);
});

test("attack: silent connections take at most half of the places, and none of who speaks", async () => {
  await using filter = await scriptedServer({}, { maxConnections: 100 });
  const proved: RawMta[] = [];
  for (let i = 0; i < 40; i += 1) {
    const mta = await filter.connect();
    mta.send(FULL_OFFER, CONNECT);
    await mta.letters(2);
    proved.push(mta);
  }
  const silent: RawMta[] = [];
  for (let i = 0; i < 1000; i += 1) {
    silent.push(await filter.connect());
    assert.ok(filter.server.open <= 100);
  }
  // An MTA that comes now gets a place, and keeps it.
  for (let i = 0; i < 50; i += 1) {
    const mta = await filter.connect();
    mta.send(FULL_OFFER, CONNECT);
    assert.equal(await mta.letters(2), "Oc");
    proved.push(mta);
  }
  for (const mta of proved) {
    mta.send(HELO);
    assert.equal(await mta.letters(1), "c");
  }
  // Who says nothing at all is gone by its deadline.
  filter.clock.advanceNow(30_000);
  await Promise.all(silent.map((mta) => mta.closed));
  await until(() => filter.server.open === proved.length);
  const displaced = filter.server.count("displaced");
  const overLimit = filter.server.count("over-limit");
  const slowPeers = filter.server.count("peer-deadline");
  assert.equal(displaced + slowPeers, 1000);
  assert.ok(slowPeers <= 50);
  assert.equal(overLimit, 0);
  for (const mta of proved) mta.socket.destroy();
});
