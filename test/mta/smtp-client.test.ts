import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { openSink } from "./sink.ts";
import { converse, formatTranscript, replyTo } from "./smtp-client.ts";
import { type LineStep, lineOf, type Step } from "./smtp-steps.ts";

const opening: Step[] = [
  { kind: "banner" },
  { kind: "ehlo", name: "client.example.com" },
  { kind: "mail", from: "a@example.com", parameters: "SIZE=100" },
  { kind: "rcpt", to: "b@example.org" },
];

const exact: [string, string][] = [
  ["a plain message", "Subject: x\r\n\r\nhello\r\n"],
  ["an empty message", ""],
  ["lines that start with dots", ".\r\n..\r\n.x\r\n\r\n.\r\n...\r\n"],
  ["8-bit, NUL and a lone CR", "\xff\0\r \xfe\r\n"],
  ["no final line end", "no end"],
  ["a line of 200,000 bytes", `${"x".repeat(200_000)}\r\n`],
];

for (const [name, text] of exact) {
  test(`converse: the sink gets the exact bytes of ${name}`, async () => {
    await using sink = await openSink();
    const message = Buffer.from(text, "latin1");
    const transcript = await converse({
      host: "127.0.0.1",
      port: sink.port,
      steps: [...opening, { kind: "data", message }, { kind: "quit" }],
    });
    assert.deepEqual(
      transcript.map(({ reply }) => reply?.code),
      [220, 250, 250, 250, 354, 250, 221],
      formatTranscript(transcript),
    );
    const [delivered] = await sink.waitFor(1);
    assert.equal(delivered?.mailFrom, "a@example.com");
    assert.equal(delivered.mailParameters, "SIZE=100");
    assert.deepEqual(delivered.recipients, ["b@example.org"]);
    const complete = text === "" || text.endsWith("\r\n") ? text : `${text}\r\n`;
    assert.equal(delivered.bytes.toString("latin1"), complete);
  });
}

test("converse: a pipeline is one write with a reply for each command", async () => {
  await using sink = await openSink();
  const transcript = await converse({
    host: "127.0.0.1",
    port: sink.port,
    steps: [
      { kind: "banner" },
      {
        kind: "pipeline",
        steps: [
          { kind: "helo", name: "c.example.com" },
          { kind: "mail", from: "" },
          { kind: "rcpt", to: "b@example.org" },
          { kind: "rcpt", to: "c@example.org" },
          { kind: "data", message: "From: a\n\n.dot\n" },
        ],
      },
      { kind: "raw", bytes: "NOOP\r\nNOOP\r\n", replies: 2 },
      { kind: "quit" },
    ],
  });
  assert.equal(transcript.length, 10, formatTranscript(transcript));
  assert.equal(replyTo(transcript, "RCPT", 2)?.code, 250);
  const [delivered] = await sink.waitFor(({ recipients }) => recipients.length === 2);
  assert.equal(delivered?.bytes.toString(), "From: a\r\n\r\n.dot\r\n");
});

test("converse: raw framing is the caller's", async () => {
  await using sink = await openSink();
  const steps: Step[] = [
    ...opening,
    { kind: "data", message: Buffer.from("a\r\n..b\r\n.\r\n"), framing: "asIs" },
    { kind: "close", how: "end" },
  ];
  const transcript = await converse({ host: "127.0.0.1", port: sink.port, steps });
  assert.equal(transcript.at(-1)?.end, "closed");
  assert.equal((await sink.waitFor(1))[0]?.bytes.toString(), "a\r\n.b\r\n");
});

async function server(onConnection: (socket: Socket) => void) {
  const listener = createServer((socket) => {
    socket.on("error", () => {});
    onConnection(socket);
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: (listener.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      listener.close();
    },
  };
}

test("converse: a lost connection is in the transcript and ends it", async () => {
  await using gone = await server((socket) => socket.end("554-no\r\n554 never\r\n"));
  const steps: Step[] = [{ kind: "banner" }, { kind: "ehlo", name: "x" }, { kind: "quit" }];
  const transcript = await converse({ host: "127.0.0.1", port: gone.port, steps });
  assert.equal(transcript.length, 2);
  assert.deepEqual(transcript[0]?.reply, {
    code: 554,
    text: "no\nnever",
    lines: ["554-no", "554 never"],
  });
  assert.equal(transcript[1]?.end, "disconnected");
  assert.match(formatTranscript(transcript), /C: EHLO x\n\d+ ms S: \(disconnected\)$/);
});

test("converse: a refused DATA sends no message", async () => {
  await using stubborn = await server((socket) => {
    socket.write("220 hi\r\n");
    socket.on("data", () => socket.write("451 later\r\n"));
  });
  const steps: Step[] = [{ kind: "banner" }, { kind: "data", message: "x" }, { kind: "quit" }];
  const transcript = await converse({ host: "127.0.0.1", port: stubborn.port, steps });
  assert.deepEqual(
    transcript.map(({ sent, reply }) => [sent, reply?.code]),
    [
      ["", 220],
      ["DATA", 451],
      ["QUIT", 451],
    ],
  );
});

test("converse: silence is bounded and time is measured", async () => {
  await using slow = await server((socket) => {
    setTimeout(() => socket.write("220 at last\r\n"), 100);
  });
  const steps: Step[] = [{ kind: "banner" }, { kind: "pause", ms: 50 }, { kind: "rset" }];
  const transcript = await converse({
    host: "127.0.0.1",
    port: slow.port,
    steps,
    timeoutMs: 400,
  });
  assert.ok((transcript[0]?.tookMs ?? 0) >= 95);
  assert.equal(transcript[1]?.end, "timeout");
  assert.ok((transcript[1]?.tookMs ?? 0) >= 395);
  assert.ok((transcript[1]?.atMs ?? 0) >= 540);
});

test("converse: nobody listens", async () => {
  const { port } = await openSink().then(async (sink) => {
    await sink.close();
    return sink;
  });
  const transcript = await converse({ host: "127.0.0.1", port, steps: [{ kind: "banner" }] });
  assert.equal(transcript[0]?.end, "disconnected");
});

test("Sink.waitFor: says what did not come", async () => {
  await using sink = await openSink();
  await assert.rejects(sink.waitFor(1, 20), /0 messages came within 20 ms/);
});

const lines: [LineStep, string][] = [
  [{ kind: "mail", from: "" }, "MAIL FROM:<>"],
  [{ kind: "rcpt", to: "x", parameters: "NOTIFY=NEVER" }, "RCPT TO:<x> NOTIFY=NEVER"],
  [
    { kind: "xclient", attributes: { ADDR: "192.0.2.7", NAME: "a b+c=\u00e9" } },
    "XCLIENT ADDR=192.0.2.7 NAME=a+20b+2Bc+3D+C3+A9",
  ],
];

for (const [step, line] of lines) {
  test(`lineOf: ${line}`, () => assert.equal(lineOf(step), line));
}
