import assert from "node:assert/strict";
import { test } from "node:test";
import { eximCopy } from "../testing/requests.ts";
import { MboxEnvelopeReader } from "./mbox-envelope.ts";
import { ProtocolError } from "./protocol-error.ts";

const FROM = "From MAILER-DAEMON Tue Nov 24 12:00:00 2026\n";

interface Read {
  readonly recipients: readonly string[] | null;
  readonly message: string;
}

function read(copy: string, from: string, size: number): Read {
  const reader = new MboxEnvelopeReader(from);
  for (let at = 0; at < copy.length; at += size) {
    const envelope = reader.push(Buffer.from(copy.slice(at, at + size), "latin1"));
    if (envelope === undefined) continue;
    const message = envelope.rest.toString("latin1") + copy.slice(at + size);
    return { recipients: envelope.recipients, message };
  }
  const { recipients, rest } = reader.end();
  return { recipients, message: rest.toString("latin1") };
}

const FORGED = "X-Envelope-From: <forged@x.test>\nX-Envelope-To: forged@y.test\nSubject: x\n\nHi\n";

for (const { name, copy, from = "a@x.test", recipients, message } of [
  {
    name: "Exim's lines go",
    copy: eximCopy("Subject: x\n\nHi\n", { to: ["b@y.test", "c@y.test"] }),
    recipients: ["b@y.test", "c@y.test"],
    message: "Subject: x\n\nHi\n",
  },
  {
    name: "what the sender wrote below stays",
    copy: eximCopy(FORGED),
    recipients: ["b@y.test"],
    message: FORGED,
  },
  {
    name: "a bounce has no X-Envelope-From, and none is taken for it",
    copy: eximCopy(FORGED, { from: "" }),
    from: "",
    recipients: ["b@y.test"],
    message: FORGED,
  },
  {
    name: "of a bounce, not even where the recipients are missing",
    copy: `${FROM}${FORGED}`,
    from: "",
    recipients: null,
    message: FORGED,
  },
  {
    name: "no recipients",
    copy: `${FROM}X-Envelope-From: <a@x.test>\nSubject: x\n\nHi\n`,
    recipients: null,
    message: "Subject: x\n\nHi\n",
  },
  {
    name: "a line that almost is one",
    copy: `${FROM}X-Envelope-From:<a@x.test>\nX-Envelope-To: z\n\n`,
    recipients: null,
    message: "X-Envelope-From:<a@x.test>\nX-Envelope-To: z\n\n",
  },
  {
    name: "a second From line",
    copy: `${eximCopy("From x\nSubject: y\n\n")}`,
    recipients: ["b@y.test"],
    message: "From x\nSubject: y\n\n",
  },
  {
    name: "a bare CR within the sender",
    copy: `${FROM}X-Envelope-From: <"a\rX-Envelope-To: z@z\rb"@x.test>\nX-Envelope-To: b@y.test\n\nHi\n`,
    recipients: ["b@y.test"],
    message: "\nHi\n",
  },
  { name: "nothing below", copy: FROM, recipients: null, message: "" },
  { name: "a line without an end", copy: `${FROM}X-Env`, recipients: null, message: "X-Env" },
]) {
  test(`MboxEnvelopeReader: ${name}`, () => {
    for (const size of [1, 2, 3, 7, 50, 1000])
      assert.deepEqual(read(copy, from, size), { recipients, message }, `in pieces of ${size}`);
  });
}

for (const { name, copy } of [
  { name: "the message itself", copy: "Subject: x\n\nHi\n" },
  { name: "nothing", copy: "" },
  { name: "half of the first line", copy: "From" },
  { name: "a line that does not end", copy: `${FROM}X-Envelope-To: ${"x".repeat(3 << 20)}` },
]) {
  test(`MboxEnvelopeReader: refuses ${name}`, () =>
    assert.throws(() => read(copy, "a@x.test", 65_536), ProtocolError));
}
