import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { words } from "../testing/requests.ts";
import { ProtocolError } from "./protocol-error.ts";
import { decodeQuestion } from "./question.ts";
import { HeadReader, type RequestHead } from "./request-head.ts";
import { decodeRspamdHead } from "./rspamd-head.ts";
import { decodeSpamdHead } from "./spamd-head.ts";

const spamdHead = (user: string, length = "10") =>
  `REPORT SPAMC/1.2\r\nUser: ${user}\r\nContent-length: ${length}`;

test("decodeSpamdHead: Exim", () => {
  const { client, ...request } = decodeSpamdHead(
    spamdHead(words({ session: "s", ip: "192.0.2.1", from: "a@x.test", id: "1abc-2" })),
  );
  assert.equal(client.address, "192.0.2.1");
  assert.deepEqual(request, {
    ...{ dialect: "spamd", from: "a@x.test", recipients: "in-copy", form: "exim-copy" },
    ...{ id: "1abc-2", length: 10 },
  });
});

test("decodeSpamdHead: notqmail sends recipients", () => {
  const rcpts = 'a@y.test\n"b, c"@y.test\n';
  const request = decodeSpamdHead(spamdHead(words({ mta: "notqmail/1.09", from: "", rcpts })));
  assert.deepEqual(request.recipients, ["a@y.test", '"b, c"@y.test']);
  assert.equal(request.form, "plain");
});

for (const { name, head } of [
  { name: "a user of SpamAssassin", head: spamdHead("nobody") },
  { name: "no from", head: spamdHead(words({ ip: "192.0.2.1" })) },
  { name: "notqmail without recipients", head: spamdHead(words({ from: "", mta: "notqmail" })) },
  { name: "no length", head: "REPORT SPAMC/1.2\r\nUser: from=" },
  { name: "a negative length", head: spamdHead("from=", "-1") },
  { name: "a length of 16 digits", head: spamdHead("from=", "1".repeat(16)) },
  { name: "two lengths", head: `${spamdHead("from=")}\r\nContent-Length: 10` },
  { name: "two users", head: `${spamdHead("from=")}\r\nUser: from=` },
  { name: "a line without a name", head: `${spamdHead("from=")}\r\nxyz` },
  { name: "another verb", head: spamdHead("from=").replace("1.2", "1.2 x") },
]) {
  test(`decodeSpamdHead: refuses ${name}`, () =>
    assert.throws(() => decodeSpamdHead(head), ProtocolError));
}

const rspamdHead = (...lines: string[]) =>
  ["CHECK RSPAMC/1.3", "Content-length: 10", "Queue-Id: 1abc-2", ...lines].join("\r\n");

test("decodeRspamdHead: everything it can say", () => {
  const { client, ...request } = decodeRspamdHead(
    rspamdHead(
      ...["From: <a@x.test>", "Recipient-Number: 2", "Rcpt: <b@y.test>", "Rcpt: <c@y.test>"],
      ...["Helo: mx.x.test", "Hostname: mx.x.test", "IP: 192.0.2.1", "User: carol"],
    ),
  );
  assert.deepEqual(request, {
    ...{ dialect: "rspamd", from: "a@x.test", recipients: ["b@y.test", "c@y.test"] },
    ...{ form: "exim-copy", id: "1abc-2", length: 10 },
  });
  const { session, address, helo, auth, tls } = client;
  assert.deepEqual(
    [session, address, helo, auth, tls],
    [null, "192.0.2.1", "mx.x.test", "carol", null],
  );
});

test("decodeRspamdHead: a bare CR in an address stays inside", () => {
  const request = decodeRspamdHead(
    rspamdHead(
      'From: <"a\rRcpt: <x@y>\rb"@example.org>',
      "Recipient-Number: 1",
      'Rcpt: <"c\rUser: root"@y.test>',
    ),
  );
  assert.equal(request.from, '"a\rRcpt: <x@y>\rb"@example.org');
  assert.deepEqual(request.recipients, ['"c\rUser: root"@y.test']);
  assert.equal(request.client.auth, null);
});

test("decodeRspamdHead: a bounce", () =>
  assert.equal(decodeRspamdHead(rspamdHead("From: <>")).from, ""));

for (const { name, head } of [
  { name: "no From", head: rspamdHead() },
  { name: "two of From", head: rspamdHead("From: <>", "From: <>") },
  {
    name: "other recipients than it says",
    head: rspamdHead("From: <>", "Recipient-Number: 0", "Rcpt: <a@b>"),
  },
  {
    name: "SpamAssassin's verb",
    head: rspamdHead("From: <>").replace("CHECK RSPAMC", "REPORT SPAMC"),
  },
]) {
  test(`decodeRspamdHead: refuses ${name}`, () =>
    assert.throws(() => decodeRspamdHead(head), ProtocolError));
}

function readAll(chunks: readonly Buffer[]): RequestHead | "unfinished" | "refused" {
  const reader = new HeadReader();
  try {
    for (const [i, chunk] of chunks.entries()) {
      const head = reader.push(chunk);
      if (head !== undefined)
        return { ...head, rest: Buffer.concat([head.rest, ...chunks.slice(i + 1)]) };
    }
    return "unfinished";
  } catch (error) {
    assert.ok(error instanceof ProtocolError);
    return "refused";
  }
}

/** Noise, and noise in the words of the protocol, which reaches deeper. */
const stream = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc
    .array(
      fc.constantFrom(
        ...["POSTERN1 ", "rcpt ", "REPORT SPAMC/1.2", "CHECK RSPAMC/1.3", "\r\n", "\n", "\r", " "],
        ...["Content-length: 3", "User: ", "From: <a@b>", "from=YQ ", "rcpt=YQ ", "=", "xyz", "\0"],
      ),
      { maxLength: 14 },
    )
    .map((parts) => Buffer.from(parts.join(""), "latin1")),
);

test("HeadReader: any cut of a stream gives the same", () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(200), { maxLength: 8 }), (bytes, cuts) => {
      const at = [
        0,
        ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b),
        bytes.length,
      ];
      const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i] ?? 0, end));
      assert.deepEqual(readAll(chunks), readAll([bytes]));
    }),
    { numRuns: 500 },
  );
});

test("decoders: any bytes give a request or a ProtocolError", () => {
  fc.assert(
    fc.property(stream, (bytes) => {
      const text = bytes.toString("latin1");
      for (const decode of [decodeQuestion, decodeSpamdHead, decodeRspamdHead])
        try {
          decode(text);
        } catch (error) {
          assert.ok(error instanceof ProtocolError, String(error));
        }
    }),
    { numRuns: 1000 },
  );
});

test("HeadReader: a line of 8,192 bytes, and one more", () => {
  const whole = `POSTERN1 ${"x".repeat(8182)}\n`;
  assert.equal(whole.length, 8192);
  assert.ok(typeof readAll([Buffer.from(whole)]) === "object");
  assert.equal(readAll([Buffer.from(`x${whole}`.replace("xPOSTERN1 ", "POSTERN1 x"))]), "refused");
  assert.equal(readAll([Buffer.from(`POSTERN1 ${"x".repeat(8184)}`)]), "refused");
});
