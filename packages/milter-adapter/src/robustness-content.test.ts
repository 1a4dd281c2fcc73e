import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "@postern/smtp-filter";
import { CONNECT, FULL_OFFER, HELO, MAIL, MESSAGE, RCPT, Rig } from "./testing/rig.ts";

const told = (rig: Rig, word: string) => rig.calls.filter((call) => call.startsWith(word));

/** The client that a CONNECT, after these macros, makes the port see. */
async function clientOf(connect: string, ...macros: string[]): Promise<Client> {
  let client: Client | undefined;
  const rig = new Rig({
    open: (opened) => {
      client = opened;
    },
  });
  assert.equal(await rig.take(FULL_OFFER, ...macros, connect), "Oc");
  assert.ok(client);
  return client;
}

test("case 20: a CONNECT cut after its family, in its port or in its address closes", async () => {
  for (const packet of [
    "C",
    "Cmx",
    "Cmx\0",
    "Cmx\x004",
    "Cmx\x004\xaf",
    "Cmx\x004\xaf\x7e",
    "Cmx\x004\xaf\x7e127.0.0.1",
    "Cmx\x006\0\x19::1",
    "Cmx\0L\0\0/run/x",
  ]) {
    const rig = new Rig();
    assert.equal(await rig.take(FULL_OFFER, packet), "O");
    assert.ok(rig.isClosed, JSON.stringify(packet));
    assert.deepEqual(rig.calls, []);
  }
});

test("case 21: a family nobody knows is like U, whatever follows it", async () => {
  const known = await clientOf("Cmx\0U");
  assert.deepEqual(await clientOf("Cmx\0X\0\x19whatever\0and more"), known);
  assert.equal(known.address, null);
});

test("case 22: an address that cannot be read is none, and the session goes on", async () => {
  for (const address of ["999.1.1.1", "", "unknown", "1.2.3", "::g", "\xff\xfe"]) {
    const client = await clientOf(`Cmx\x004\0\x19${address}\0`);
    assert.equal(client.address, null, address);
    assert.equal(client.port, 25);
    assert.equal(client.origin, "network");
  }
});

test("case 23: IPv6 with and without tag, brackets and scope", async () => {
  for (const [text, address] of [
    ["::1", "::1"],
    ["IPv6:0:0:0:0:0:0:0:1", "::1"],
    ["ipv6:2001:DB8::1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[IPv6:2001:db8::1]", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
  ] as const)
    assert.equal((await clientOf(`Cmx\x006\0\x19${text}\0`)).address, address, text);
});

test("case 25: HELO empty, unterminated, long or binary is a HELO", async () => {
  for (const [packet, name] of [
    ["H", ""],
    ["H\0", ""],
    ["Hmx.example", "mx.example"],
    ["Ha b\tc\0", "a b\tc"],
    ["H\xff\x01\r\n\0", "\xff\x01\r\n"],
    [`H${"x".repeat(8192)}\0`, "x".repeat(8192)],
    ["Hmx\0more\0", "mx"],
  ] as const) {
    const rig = new Rig();
    assert.equal(await rig.take(FULL_OFFER, CONNECT, packet), "Occ");
    assert.deepEqual(told(rig, "hello"), [`hello ${name}`]);
  }
});

test("case 26: a lone NUL is the null sender, no NUL closes, an unterminated tail is an argument", async () => {
  for (const [packet, call] of [
    ["M\0", "mail <>"],
    ["M<>\0", "mail <>"],
    ["M<a@x.test>\0SIZE=1\0BODY=8BITMIME", "mail a@x.test SIZE=1 BODY=8BITMIME"],
  ] as const) {
    const rig = await Rig.greeted();
    assert.equal(await rig.take(packet), "c");
    assert.deepEqual(rig.calls, [call]);
  }
  for (const packet of ["M", "M<a@x.test>", "R", "R<b@y.test>"]) {
    const rig = await Rig.greeted();
    assert.equal(await rig.take(packet), "");
    assert.ok(rig.isClosed);
  }
});

test("case 27: one outer pair of brackets goes, nothing else is read into an address", async () => {
  for (const [sent, address] of [
    ["a@x.test", "a@x.test"],
    ["<<a@x.test>>", "<a@x.test>"],
    ["<@r.test:a@x.test>", "@r.test:a@x.test"],
    ['<"a>b c"@x.test>', '"a>b c"@x.test'],
    ["<a\\0b@x.test>", "a\\0b@x.test"],
    ["<\xc3\xa4@x.test>", "\xc3\xa4@x.test"],
    ["<a@x.test", "<a@x.test"],
  ] as const) {
    const rig = await Rig.greeted();
    assert.equal(await rig.take(`M${sent}\0`, `R${sent}\0`), "cc");
    assert.deepEqual(rig.calls, [`mail ${address}`, `rcpt ${address}`]);
  }
});

test("case 37: headers of any shape are answered; one without a name is dropped and reported", async () => {
  for (const [packet, call] of [
    ["LSubject\0", "header Subject:"],
    ["LSubject", "header Subject:"],
    ["LSubject\0\0", "header Subject:"],
    ["LSubject\0 unterminated", "header Subject: unterminated"],
    ["LSubject\0 x\0third\0", "header Subject: x"],
    ["L\0 x\0", undefined],
    ["L\0\0", undefined],
    ["L", undefined],
  ] as const) {
    const rig = await Rig.greeted();
    assert.equal(await rig.take(MAIL, RCPT, "T", packet, "N", "E"), "cccccc");
    assert.deepEqual(told(rig, "header"), call === undefined ? [] : [call], packet);
    const dropped = rig.seen("header-dropped").map(({ why }) => why);
    assert.deepEqual(dropped, call === undefined ? ["no-name"] : []);
    assert.equal(rig.calls.at(-1), "ended queued");
  }
});

test("case 38: a NUL inside a header ends its value, and closes nothing", async () => {
  const rig = await Rig.greeted();
  assert.equal(await rig.take(MAIL, RCPT, "LX-A\0 before\0after\0", "LX\0\0\0\0", "E"), "ccccc");
  assert.deepEqual(told(rig, "header"), ["header X-A: before", "header X:"]);
});

test("case 39: odd names, bare CR and long values are passed on as they are", async () => {
  const long = "v".repeat(60_000);
  for (const [name, value] of [
    ["X-\xff\x01 y", " x"],
    ["X", "a\rb\r\nc\n d"],
    ["X", long],
  ]) {
    const rig = await Rig.greeted();
    assert.equal(await rig.take(MAIL, RCPT, `L${name}\0${value}\0`, "E"), "cccc");
    assert.deepEqual(told(rig, "header"), [`header ${name}:${value}`]);
  }
});

test("case 39: more fields or bytes than allowed are answered, dropped, and reported once", async () => {
  const many = await Rig.greeted();
  await many.take(MAIL, RCPT, "T");
  assert.equal(await many.take(...Array(10_000).fill("LX\0 y\0")), "c".repeat(10_000));
  assert.equal(told(many, "header").length, 2000);
  assert.deepEqual(
    many.seen("header-dropped").map(({ why }) => why),
    ["too-many"],
  );
  const large = await Rig.greeted();
  await large.take(MAIL, RCPT, "T");
  await large.take(...Array(40).fill(`LX\0${"v".repeat(59_999)}\0`));
  assert.equal(told(large, "header").length, Math.floor((1 << 20) / 60_000));
  assert.deepEqual(
    large.seen("header-dropped").map(({ why }) => why),
    ["too-large"],
  );
  assert.equal(await large.take("N", "E", ...MESSAGE, "E"), "cccccccc");
  assert.equal(told(large, "header Subject").length, 1, "the next message has limits of its own");
});

test("case 50: every macro may be missing, and odd ones are as good as missing", async () => {
  const bare = await clientOf("C[192.0.2.1]\x004\0\x00192.0.2.1\0");
  assert.deepEqual(bare, {
    address: "192.0.2.1",
    port: null,
    origin: "network",
    localAddress: null,
    localPort: null,
    daemonName: null,
    mta: { name: "milter", version: null },
  });
  const odd = await clientOf(
    "Cunknown\x004\0\0unknown\0",
    "DC{client_addr}\0unknown\0{client_port}\x000\0{daemon_addr}\0unknown\0{daemon_port}\0x\0v\0Postfix 3.7.11\0",
  );
  assert.deepEqual(
    [odd.address, odd.port, odd.localAddress, odd.localPort, odd.origin],
    [null, null, null, null, "network"],
  );
  for (const [family, text] of [
    ["4", "::ffff:192.0.2.1"],
    ["6", "IPv6:0:0:0:0:0:FFFF:C000:0201"],
    ["6", "::ffff:192.0.2.1"],
  ])
    assert.equal((await clientOf(`Cmx\0${family}\0\x19${text}\0`)).address, "192.0.2.1");
});

test("case 52: what a macro holds is told to the port, and never to an event", async () => {
  const hostile = "CN=\n\x1b[31m\xff%s\r";
  const rig = await Rig.greeted();
  await rig.take(
    `DH{cert_subject}\0${hostile}\0{tls_version}\0TLSv1.3\0`,
    HELO,
    `DM{auth_authen}\0${hostile}\0`,
    MAIL,
    `DR{rcpt_mailer}\0error\0{rcpt_host}\x005.1.1\0{rcpt_addr}\0<b@y.test>: ${hostile}\0`,
    RCPT,
    "T",
    "T",
    `L\0${hostile}\0`,
    "E",
    `Z${hostile}`,
  );
  assert.ok(rig.isClosed);
  assert.deepEqual(told(rig, "authenticated"), [`authenticated ${hostile}`]);
  assert.deepEqual(told(rig, "outcome"), ["outcome b@y.test unknown"]);
  assert.ok(rig.events.length >= 3);
  for (const event of rig.events)
    for (const value of Object.values(event)) assert.match(String(value), /^[ -~]*$/);
});
