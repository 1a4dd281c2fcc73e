import assert from "node:assert/strict";
import { test } from "node:test";
import { captures, packetsOf } from "../test-support/captures.ts";
import { isDue, wordsOf } from "./testing/due.ts";
import { ALL_ANSWERED, FULL_OFFER, Rig, WITHOUT_SKIP } from "./testing/rig.ts";
import { decodeCommand } from "./wire/command.ts";
import { decodeResponse } from "./wire/decode-response.ts";

const latin1 = (packet: Uint8Array) => Buffer.from(packet).toString("latin1");
const fromMta = [...captures("mta-to-filter")];
const fromFilter = captures("filter-to-mta");

test("captures: both directions of all 66 connections are there, not one of them empty", () => {
  assert.equal(fromMta.length, 66);
  assert.deepEqual(
    fromMta.map(([name]) => name),
    [...fromFilter.keys()],
  );
  for (const [name, stream] of fromMta) assert.ok(stream.length > 60, name);
});

/** What the port must be told, counted from the packets alone. */
function expectedOf(packets: readonly string[]) {
  const count = (letter: string) => packets.filter((packet) => packet[0] === letter).length;
  // The first chunk of a body comes after the end of the headers, a later one after a chunk; macros stand between.
  const commands = packets.filter((packet) => packet[0] !== "D");
  const bodies = commands.filter((packet, i) => packet[0] === "B" && commands[i - 1]?.[0] !== "B");
  return { mails: count("M"), ends: count("E"), chunks: count("B"), bodies: bodies.length };
}

const ways = [
  { how: "as recorded", offered: FULL_OFFER, body: undefined },
  { how: "with every command answered", offered: ALL_ANSWERED, body: undefined },
  { how: "with bodies skipped", offered: FULL_OFFER, body: "enough" },
  { how: "with bodies ignored", offered: WITHOUT_SKIP, body: "enough" },
] as const;
for (const [name, stream] of fromMta) {
  for (const { how, offered, body } of ways) {
    test(`Session: ${name}, ${how}: one final reply where one is due`, async () => {
      const rig = new Rig({ body: () => body });
      const packets = packetsOf(stream).map(latin1);
      assert.equal(packets[0], FULL_OFFER, "both MTAs offer the same");
      assert.equal(await rig.take(offered), "O");
      const [, , protocol] = wordsOf(rig.sent[0] ?? "");
      const canSkip = body === "enough" && (protocol & 0x400) !== 0;
      for (const packet of packets.slice(1)) {
        const reply = packet[0] === "B" && canSkip ? "s" : "c";
        assert.equal(await rig.take(packet), isDue(packet, protocol) ? reply : "", packet);
      }

      assert.equal(rig.closes, packets.includes("Q") ? 1 : 0);
      rig.session.end("lost");
      const told = (word: string) => rig.calls.filter((call) => call.startsWith(word));
      const { mails, ends, chunks, bodies } = expectedOf(packets);
      assert.equal(told("open").length, packets.some((packet) => packet[0] === "C") ? 1 : 0);
      assert.deepEqual(
        told("close"),
        told("open").map(() => (packets.includes("Q") ? "close quit" : "close lost")),
      );
      assert.equal(told("mail").length, mails);
      assert.equal(told("ended").length, mails, "each transaction ends once");
      assert.equal(told("ended queued").length, ends);
      assert.equal(told("body").length, body === "enough" ? bodies : chunks);
      // No MTA does anything out of order, and nothing of a real session is dropped.
      assert.deepEqual(rig.events, []);
    });
  }
}

for (const [name, stream] of fromFilter) {
  test(`captures: libmilter in ${name} answers what the oracle of these tests calls due`, () => {
    const replies = packetsOf(stream).map((packet) => decodeResponse(packet).kind);
    const mta = captures("mta-to-filter").get(name);
    assert.ok(mta);
    const [, , protocol] = wordsOf(latin1(packetsOf(stream)[0] ?? new Uint8Array()));
    const due = packetsOf(mta).filter((packet) => isDue(latin1(packet), protocol)).length;
    const modifications = /^(?:add-|insert-|change-|replace-|delete-|quarantine|progress)/;
    const finals = replies.slice(1).filter((kind) => !modifications.test(kind)).length;
    assert.equal(finals, due);
    for (const packet of packetsOf(mta)) decodeCommand(packet);
  });
}

test("captures: what Postfix and sendmail tell of the same client", async () => {
  const clients = async (name: string) => {
    const rig = new Rig();
    const stream = new Map(fromMta).get(name);
    assert.ok(stream);
    await rig.feed(stream);
    return rig.calls.filter((call) => /^(open|hello|mail|rcpt|secured|authenticated)/.test(call));
  };
  for (const mta of ["postfix", "sendmail"]) {
    const calls = await clients(`${mta}-s-src-192.0.2.1`);
    assert.equal(calls[0], "open 192.0.2.1");
  }
  assert.equal((await clients("postfix-d2-xclient-ipv6-login.c2"))[0], "open 2001:db8::1");
  assert.ok((await clients("postfix-c-starttls")).includes("secured TLSv1.3"));
  assert.ok((await clients("sendmail-c-starttls")).includes("secured TLSv1.3"));
  assert.ok((await clients("postfix-f-auth")).includes("authenticated user1@mx.lab.test"));
  for (const version of ["p1v4", "p2v4"])
    assert.equal((await clients(`postfix-p-haproxy-${version}`))[0], "open 192.0.2.1");
  assert.equal((await clients("postfix-p-haproxy-p2v6"))[0], "open 2001:db8::1");
});
