import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, refusal } from "@postern/smtp-filter";
import type { PortScript } from "@postern/smtp-filter/testing";
import { scriptedServer } from "../testing/scripted-server.ts";
import { type Played, playConversation, type ScriptedConversation } from "./play.ts";

const refuse = async (): Promise<Answer> => ({
  kind: "refuse",
  reply: refusal(550, "5.7.1", "No"),
});
const no = { kind: "reply", code: 550, enhanced: "5.7.1", lines: ["No"] };
const on = { kind: "continue" };

const conversation: ScriptedConversation = {
  connect: { hostname: "mail.example.com", address: "192.0.2.1" },
  helo: "mail.example.com",
  mail: "a@x.test",
  recipients: ["b@y.test", "c@y.test"],
  message: Buffer.from("Subject: hello\n\tagain\n\nbody\n"),
  macros: { connect: { j: "mx.test", v: "Postfix 3.7.11", daemon_name: "mx" } },
};

/** Plays against a filter of that script; also what the filter was told. */
async function play(
  script: PortScript,
  more: Partial<ScriptedConversation> = {},
): Promise<Played & { calls: readonly string[] }> {
  const filter = await scriptedServer(script);
  try {
    const played = await playConversation(filter.address, { ...conversation, ...more });
    await filter.called("close quit");
    assert.deepEqual(filter.events, []);
    return { ...played, calls: filter.calls };
  } finally {
    await filter.server.drain(0);
  }
}

test("playConversation: a message goes through, with its edits", async () => {
  const { stages, modifications, calls } = await play({
    end: async () => ({
      kind: "deliver",
      edits: [
        { kind: "remove", name: "Authentication-Results", ordinal: 2 },
        { kind: "insert", name: "Authentication-Results", value: "mx.test; none" },
      ],
    }),
  });
  assert.deepEqual(
    stages.map(({ stage, verdict }) => [stage, verdict.kind]),
    ["connect", "helo", "mail", "rcpt", "rcpt", "data", "message"].map((stage) => [
      stage,
      "continue",
    ]),
  );
  assert.deepEqual(modifications, [
    { kind: "change-header", ordinal: 2, name: "Authentication-Results", value: "" },
    { kind: "insert-header", index: 0, name: "Authentication-Results", value: " mx.test; none" },
  ]);
  assert.ok(calls.includes("header Subject: hello\n\tagain"), calls.join("\n"));
  assert.ok(calls.includes("body 6"), calls.join("\n"));
});

test("playConversation: a refusal of the connection is told at HELO, and is final", async () => {
  const { stages, modifications } = await play({ greet: refuse });
  assert.deepEqual(stages, [
    { stage: "connect", verdict: on },
    { stage: "helo", verdict: no },
  ]);
  assert.deepEqual(modifications, []);
});

test("playConversation: one recipient is refused, the other gets the message", async () => {
  const { stages } = await play({
    rcpt: (to) => (to === "b@y.test" ? refuse() : Promise.resolve({ kind: "continue" })),
  });
  assert.deepEqual(stages.slice(3), [
    { stage: "rcpt", verdict: no, recipient: "b@y.test" },
    { stage: "rcpt", verdict: on, recipient: "c@y.test" },
    { stage: "data", verdict: on },
    { stage: "message", verdict: on },
  ]);
});

test("playConversation: no recipient is left, so there is no DATA", async () => {
  const { stages, calls } = await play({ rcpt: refuse });
  assert.equal(stages.at(-1)?.stage, "rcpt");
  assert.ok(!calls.includes("message"));
});

test("playConversation: the sender is refused", async () => {
  const { stages } = await play({ mail: refuse });
  assert.deepEqual(stages.at(-1), { stage: "mail", verdict: no });
});

test("playConversation: the message is refused at its end", async () => {
  const { stages, modifications } = await play({
    end: async () => ({ kind: "refuse", reply: refusal(550, "5.7.1", "No") }),
  });
  assert.deepEqual(stages.at(-1), { stage: "message", verdict: no });
  assert.deepEqual(modifications, []);
});

test("playConversation: without a message the transaction is aborted", async () => {
  const { message: _message, ...short } = conversation;
  const filter = await scriptedServer();
  const { stages } = await playConversation(filter.address, short);
  await filter.called("close quit");
  await filter.server.drain(0);
  assert.equal(stages.at(-1)?.stage, "rcpt");
  assert.ok(filter.calls.includes("ended aborted"));
});

test("playConversation: a message of 200 KB comes in chunks of 65,535 bytes", async () => {
  const message = Buffer.from(`A: b\r\n\r\n${"x".repeat(199_998)}\r\n`);
  const { calls } = await play({}, { message });
  assert.deepEqual(
    calls.filter((call) => call.startsWith("body")),
    ["body 65535", "body 65535", "body 65535", "body 3395"],
  );
});
