import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { line } from "../testing/requests.ts";
import { sessionKey } from "./client-facts.ts";
import { ProtocolError } from "./protocol-error.ts";
import { decodeQuestion } from "./question.ts";

const read = (text: string) => decodeQuestion(text.slice(0, -1));

test("decodeQuestion: everything a line can say", () => {
  const { client, ...question } = read(
    line("rcpt", { helo: "mx", tls: "TLS_AES_256", auth: "carol", from: "", rcpt: "b@y.test" }),
  );
  assert.deepEqual(question, { kind: "rcpt", from: "", rcpt: "b@y.test" });
  assert.deepEqual(client, {
    session: "4711.1795516800123456",
    ip: "192.0.2.7",
    address: "192.0.2.7",
    port: 41000,
    localAddress: "198.51.100.1",
    localPort: 25,
    helo: "mx",
    tls: "TLS_AES_256",
    auth: "carol",
    mta: { name: "exim", version: "4.96" },
  });
});

test("decodeQuestion: what is absent or empty is unknown, and such a client is local", () => {
  const { client } = decodeQuestion("POSTERN1 connect session= helo=");
  assert.deepEqual(client, {
    ...{ session: null, ip: null, address: null, port: null, localAddress: null, localPort: null },
    ...{ helo: null, tls: null, auth: null, mta: { name: "exim", version: null } },
  });
  assert.equal(sessionKey(client), null);
});

test("decodeQuestion: an address or a port that is none is unknown, and its client is not local", () => {
  const { client } = read(line("connect", { ip: "here", port: "70000", lport: "0", lip: "x" }));
  assert.equal(client.ip, "here");
  assert.deepEqual(
    [client.address, client.port, client.localPort, client.localAddress],
    [null, null, null, null],
  );
});

for (const [mta, name, version] of [
  ["notqmail", "notqmail", null],
  ["notqmail/1.09", "notqmail", "1.09"],
  ["exim/", "exim", null],
] as const) {
  test(`decodeQuestion: mta ${mta}`, () =>
    assert.deepEqual(read(line("connect", { mta })).client.mta, { name, version }));
}

for (const { name, text } of [
  { name: "no stage", text: "POSTERN1 " },
  { name: "another stage", text: "POSTERN1 data session=YQ" },
  { name: "another version", text: "POSTERN2 connect session=YQ" },
  { name: "mail without from", text: "POSTERN1 mail session=YQ" },
  { name: "rcpt without from", text: "POSTERN1 rcpt rcpt=YQ" },
  { name: "rcpt without rcpt", text: "POSTERN1 rcpt from=YQ" },
  { name: "an empty rcpt", text: "POSTERN1 rcpt from=YQ rcpt=" },
  { name: "another mta", text: "POSTERN1 connect mta=cG9zdGZpeA" },
]) {
  test(`decodeQuestion: refuses ${name}`, () =>
    assert.throws(() => decodeQuestion(text), ProtocolError));
}

test("decodeQuestion: every byte a client can send survives", () => {
  const any = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => {
    return Buffer.from(bytes).toString("latin1");
  });
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString("latin1");
  fc.assert(
    fc.property(any, any, any, any, (helo, auth, from, rcpt) => {
      const asked = read(line("rcpt", { helo, auth, from, rcpt }));
      assert.ok(asked.kind === "rcpt");
      assert.deepEqual(
        [asked.client.helo, asked.client.auth, asked.from, asked.rcpt],
        [helo, auth, from, rcpt],
      );
    }),
    { examples: [[all, all, all, all]] },
  );
});

test("sessionKey: differs where any part does", () => {
  const key = (values: Record<string, string>) => sessionKey(read(line("connect", values)).client);
  const keys = [
    key({}),
    key({ session: "4711.2" }),
    key({ ip: "192.0.2.8" }),
    key({ port: "41001" }),
    key({ mta: "notqmail" }),
    key({ session: '4711","', ip: "x" }),
  ];
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(key({ mta: "exim/4.97" }), key({}));
});
