import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, captures, packetsOf } from "../test-support/captures.ts";
import { CONNECT, FULL_OFFER, HELO, MESSAGE, offer, Rig } from "./testing/rig.ts";
import { type Command, decodeCommand } from "./wire/command.ts";
import { decodeResponse } from "./wire/decode-response.ts";
import { encodeCommand } from "./wire/encode-command.ts";
import { encodeResponse } from "./wire/encode-response.ts";
import { ACTIONS, negotiate, PROTOCOL } from "./wire/negotiate.ts";
import type { Response } from "./wire/response.ts";

// Packets as they were seen on the wire of Postfix 3.7.11, sendmail 8.17.1.9 and libmilter 1.0.1.

const latin1 = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));
const framedText = (packet: string) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(packet.length);
  return Buffer.concat([length, latin1(packet)]);
};

const fromMta: readonly { name: string; frame: Uint8Array; command: Command }[] = [
  {
    name: "OPTNEG of Postfix and sendmail",
    frame: bytes("0000000D 4F 00000006 000001FF 001FFFFF"),
    command: { kind: "negotiate", version: 6, actions: 0x1ff, protocol: 0x1fffff },
  },
  {
    name: "MACRO for HELO, empty",
    frame: bytes("00000002 44 48"),
    command: { kind: "macros", stage: "helo", macros: [] },
  },
  {
    name: "CONNECT macros of Postfix",
    frame: framedText(
      "DCj\0mx.lab.test\0{daemon_name}\0mx.lab.test\0{daemon_addr}\x00127.0.0.1\0v\0Postfix 3.7.11\0_\0localhost [127.0.0.1]\0",
    ),
    command: {
      kind: "macros",
      stage: "connect",
      macros: [
        ["j", "mx.lab.test"],
        ["{daemon_name}", "mx.lab.test"],
        ["{daemon_addr}", "127.0.0.1"],
        ["v", "Postfix 3.7.11"],
        ["_", "localhost [127.0.0.1]"],
      ],
    },
  },
  {
    name: "MAIL",
    frame: framedText("M<a@x.test>\0SIZE=100\0BODY=8BITMIME\0"),
    command: { kind: "mail", from: "<a@x.test>", parameters: ["SIZE=100", "BODY=8BITMIME"] },
  },
  {
    name: "MAIL null",
    frame: framedText("M<>\0"),
    command: { kind: "mail", from: "<>", parameters: [] },
  },
  {
    name: "MAIL local null",
    frame: framedText("M\0"),
    command: { kind: "mail", from: "", parameters: [] },
  },
  {
    name: "RCPT",
    frame: framedText("R<root@localhost>\0NOTIFY=NEVER\0"),
    command: { kind: "rcpt", to: "<root@localhost>", parameters: ["NOTIFY=NEVER"] },
  },
  {
    name: "HEADER default",
    frame: framedText("LSubject\0 two spaces\0"),
    command: { kind: "header", name: latin1("Subject"), value: latin1(" two spaces") },
  },
  {
    name: "HEADER with leading space",
    frame: framedText("LSubject\0  two spaces\0"),
    command: { kind: "header", name: latin1("Subject"), value: latin1("  two spaces") },
  },
  {
    name: "HEADER folded",
    frame: framedText("LX-Multi\0a\n  b\n\tc\0"),
    command: { kind: "header", name: latin1("X-Multi"), value: latin1("a\n  b\n\tc") },
  },
];
for (const { name, frame, command } of fromMta) {
  test(`vector: ${name}`, () => {
    assert.deepEqual(packetsOf(frame).length, 1);
    assert.deepEqual(plain(decodeCommand(frame.subarray(4))), command);
    assert.deepEqual(Buffer.from(encodeCommand(command)), Buffer.from(frame));
  });
}

const fromFilter: readonly { name: string; frame: Uint8Array; response: Response }[] = [
  {
    name: "OPTNEG without lists",
    frame: bytes("0000000D 4F 00000006 00000101 00100490"),
    response: {
      kind: "negotiate",
      version: 6,
      actions: ACTIONS.addHeaders | ACTIONS.setMacroLists,
      protocol: PROTOCOL.noBody | PROTOCOL.headerUnanswered | PROTOCOL.skip | PROTOCOL.leadingSpace,
      macroLists: [],
    },
  },
  { name: "CONTINUE", frame: bytes("00000001 63"), response: { kind: "continue" } },
  {
    name: "REPLYCODE of two lines",
    frame: framedText("y550-5.7.1 line one\r\n550 5.7.1 line two\0"),
    response: { kind: "reply", code: 550, enhanced: "5.7.1", lines: ["line one", "line two"] },
  },
  {
    name: "INSHEADER at the top",
    frame: framedText("i\0\0\0\0Authentication-Results\0mx.lab.test; none\0"),
    response: {
      kind: "insert-header",
      index: 0,
      name: "Authentication-Results",
      value: "mx.lab.test; none",
    },
  },
  {
    name: "OPTNEG lists: HELO and RCPT",
    frame: framedText(`${offer(6, 0x100, 0)}\0\0\0\x01j {my}\0\0\0\0\x03i {rcpt_addr}\0`),
    response: {
      kind: "negotiate",
      version: 6,
      actions: 0x100,
      protocol: 0,
      macroLists: [
        { stage: "helo", names: ["j", "{my}"] },
        { stage: "rcpt", names: ["i", "{rcpt_addr}"] },
      ],
    },
  },
];
for (const { name, frame, response } of fromFilter) {
  test(`vector: ${name}`, () => {
    assert.deepEqual(decodeResponse(frame.subarray(4)), response);
    assert.deepEqual(Buffer.from(encodeResponse(response)), Buffer.from(frame));
  });
}

test("vector: a Postfix session ends with A A Q, one after a verdict at HELO with its end alone", async () => {
  const ending = (name: string) =>
    packetsOf(captures("mta-to-filter").get(name) ?? new Uint8Array())
      .slice(-3)
      .map((packet) => String.fromCharCode(packet[0] ?? 0))
      .join("");
  assert.equal(ending("postfix-a-plain"), "AAQ");
  assert.equal(ending("sendmail-a-plain").at(-1), "Q");
  assert.notEqual(ending("postfix-r-helo-tempfail").at(-1), "Q");
  const rig = new Rig();
  assert.equal(
    await rig.take(FULL_OFFER, CONNECT, HELO, ...MESSAGE, "E", "A", "A", "Q"),
    "Occcccc",
  );
  assert.ok(rig.isClosed);
});

test("vector: an old peer gets nothing that came after its version", async () => {
  for (const [version, protocol] of [
    [2, 0x7f],
    [3, 0x17f],
    [4, 0x37f],
  ] as const) {
    const rig = new Rig();
    await rig.take(offer(version, 0x1ff, protocol));
    const answer = decodeResponse(latin1(rig.sent[0] ?? ""));
    assert.ok(answer.kind === "negotiate");
    assert.equal(answer.version, version);
    assert.equal(answer.protocol & ~protocol, 0);
    assert.deepEqual(answer.macroLists, []);
    assert.equal(answer.actions & ACTIONS.setMacroLists, 0);
  }
});

test("vector: there is no version 5, and a peer that says so gets it back", () =>
  assert.equal(
    negotiate(
      { version: 5, actions: 0x1ff, protocol: 0x1fffff },
      { actions: 1, protocol: 0, macroLists: [] },
      65_536,
    ).version,
    5,
  ));

/** The command with its bytes as plain Uint8Array, for comparison. */
function plain(command: Command): Command {
  return Object.fromEntries(
    Object.entries(command).map(([key, value]) => [
      key,
      value instanceof Uint8Array ? Uint8Array.from(value) : value,
    ]),
  ) as unknown as Command;
}
