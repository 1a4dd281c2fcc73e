import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  MilterAnswer,
  MilterConnection,
  MilterFinal,
  MilterMessage,
  MilterSession,
  OpenMilter,
} from "./index.ts";
import {
  ALL_ANSWERED,
  CONNECT,
  FULL_OFFER,
  HELO,
  MAIL,
  MESSAGE,
  offer,
  RCPT,
  Rig,
} from "./testing/rig.ts";
import { decodeResponse } from "./wire/decode-response.ts";
import { ACTIONS, PROTOCOL } from "./wire/negotiate.ts";
import type { Modification } from "./wire/response.ts";

interface Script {
  readonly greet?: MilterAnswer;
  readonly hello?: MilterAnswer;
  readonly mail?: MilterAnswer;
  readonly rcpt?: MilterAnswer;
  readonly begun?: MilterAnswer;
  readonly header?: (name: string) => MilterAnswer;
  readonly headersEnd?: MilterAnswer;
  readonly end?: MilterFinal;
}

const GO_ON: MilterAnswer = { kind: "continue" };
const EVERY_ANSWER = ["header", "end-of-headers"] as const;
const ACCEPT: MilterAnswer = { kind: "accept" };
const DISCARD: MilterAnswer = { kind: "discard" };

/** A milter that answers as scripted, and notes what it was told and what it could read. */
function milter(script: Script, calls: string[]): OpenMilter {
  const message = (): MilterMessage => ({
    async begun() {
      return script.begun ?? GO_ON;
    },
    header(name) {
      calls.push(`header ${Buffer.from(name).toString("latin1")}`);
      return Promise.resolve(script.header?.(Buffer.from(name).toString("latin1")) ?? GO_ON);
    },
    async headersEnd() {
      calls.push("headers end");
      return script.headersEnd ?? GO_ON;
    },
    body: (chunk) => void calls.push(`body ${chunk.length}`),
    async end() {
      calls.push("end");
      return script.end ?? { kind: "deliver", edits: [] };
    },
  });
  return (): MilterConnection => ({
    greet: async () => script.greet ?? GO_ON,
    hello: async () => script.hello ?? GO_ON,
    secured() {},
    authenticated() {},
    misspoke() {},
    mail: async () =>
      script.mail === undefined
        ? {
            answer: GO_ON,
            transaction: {
              rcpt: async () => script.rcpt ?? GO_ON,
              outcome() {},
              message,
              ended: (how) => calls.push(`ended ${how}`),
            },
          }
        : { answer: script.mail },
    close() {},
  });
}

function rigOf(
  script: Script,
  options: Omit<ConstructorParameters<typeof Rig>[1] & object, "open"> = {},
) {
  const calls: string[] = [];
  return { calls, rig: new Rig({}, { ...options, open: milter(script, calls) }) };
}

function modificationsOf(rig: Rig): readonly unknown[] {
  return rig.sent.map((packet) => decodeResponse(Buffer.from(packet, "latin1")));
}

test("a milter accepts, discards or refuses in the MTA's words where it may", async () => {
  for (const { script, packets, letters, fate } of [
    { script: { greet: ACCEPT }, packets: [CONNECT], letters: "a" },
    { script: { greet: DISCARD }, packets: [CONNECT], letters: "d" },
    // The text of a refused connection is hidden by both MTAs: told at HELO.
    { script: { greet: { kind: "reject" } }, packets: [CONNECT, HELO], letters: "cr" },
    { script: { hello: { kind: "tempfail" } }, packets: [CONNECT, HELO], letters: "ct" },
    { script: { hello: ACCEPT }, packets: [CONNECT, HELO], letters: "ca" },
    { script: { mail: ACCEPT }, packets: [CONNECT, HELO, MAIL], letters: "cca" },
    { script: { mail: DISCARD }, packets: [CONNECT, HELO, MAIL], letters: "ccd" },
    {
      script: { rcpt: ACCEPT },
      packets: [CONNECT, HELO, MAIL, RCPT],
      letters: "ccca",
      fate: "ended queued",
    },
    {
      script: { rcpt: DISCARD },
      packets: [CONNECT, HELO, MAIL, RCPT],
      letters: "cccd",
      fate: "ended refused",
    },
    {
      script: { begun: DISCARD },
      packets: [CONNECT, HELO, MAIL, RCPT, "T"],
      letters: "ccccd",
      fate: "ended refused",
    },
    {
      script: { end: ACCEPT },
      packets: [CONNECT, HELO, ...MESSAGE, "E"],
      letters: "ccccccca",
      fate: "ended queued",
    },
    {
      script: { end: DISCARD },
      packets: [CONNECT, HELO, ...MESSAGE, "E"],
      letters: "cccccccd",
      fate: "ended refused",
    },
    {
      script: { end: { kind: "shutdown" } },
      packets: [CONNECT, HELO, ...MESSAGE, "E"],
      letters: "ccccccc4",
      fate: "ended refused",
    },
  ] as const) {
    const { rig, calls } = rigOf(script);
    await rig.take(ALL_ANSWERED);
    assert.equal(await rig.take(...packets), letters, JSON.stringify(script));
    assert.deepEqual(
      calls.filter((call) => call.startsWith("ended")),
      fate === undefined ? [] : [fate],
    );
    assert.deepEqual(rig.events, []);
  }
});

test("a reply of several lines carries its code on each", async () => {
  const reply = {
    kind: "reply",
    code: 550,
    enhanced: "5.7.1",
    lines: ["No.", "See https://example.org/"],
  } as const;
  const { rig } = rigOf({ rcpt: reply });
  await rig.take(ALL_ANSWERED, CONNECT, HELO, MAIL, RCPT);
  assert.equal(rig.sent.at(-1), "y550-5.7.1 No.\r\n550 5.7.1 See https://example.org/\0");
});

test("a decision before the end: told at once where the MTA waits, else at the end, and nothing more is shown", async () => {
  const script: Script = { header: (name) => (name === "Subject" ? DISCARD : GO_ON) };
  const waiting = rigOf(script, { answers: EVERY_ANSWER });
  await waiting.rig.take(ALL_ANSWERED, CONNECT, HELO);
  assert.equal(await waiting.rig.take(MAIL, RCPT, "T", "LFrom\0 x\0", "LSubject\0 x\0"), "ccccd");
  assert.deepEqual(waiting.calls, ["header From", "header Subject", "ended refused"]);
  const spared = rigOf(script);
  await spared.rig.take(FULL_OFFER, CONNECT, HELO);
  assert.equal(
    await spared.rig.take(...MESSAGE, "LTo\0 x\0", "Bab", "E"),
    "cccdd",
    "an MTA that goes on is told again",
  );
  assert.deepEqual(spared.calls, ["header Subject", "ended refused"]);
  const atEnd = rigOf({ headersEnd: { kind: "reject" } }, { answers: EVERY_ANSWER });
  await atEnd.rig.take(ALL_ANSWERED, CONNECT, HELO);
  assert.equal(await atEnd.rig.take(...MESSAGE), "ccccr");
});

const EVERY_CHANGE: readonly Modification[] = [
  { kind: "add-header", name: "X-Last", value: "1" },
  { kind: "insert-header", index: 3, name: "X-Third", value: "2" },
  { kind: "change-header", ordinal: 2, name: "Received", value: "3" },
  { kind: "change-header", ordinal: 1, name: "Subject", value: "" },
  { kind: "add-recipient", address: "<c@y.test>" },
  { kind: "add-recipient-with-parameters", address: "<d@y.test>", parameters: "NOTIFY=NEVER" },
  { kind: "delete-recipient", address: "<b@y.test>" },
  { kind: "change-sender", address: "<e@y.test>", parameters: null },
  { kind: "quarantine", reason: "looks odd" },
];
const USED = [
  "addHeaders",
  "changeBody",
  "addRecipients",
  "deleteRecipients",
  "changeHeaders",
  "quarantine",
  "changeSender",
  "addRecipientsWithParameters",
] as const;

test("every change of the protocol goes out in its order, as the MTA reads it", async () => {
  const { rig } = rigOf({ end: { kind: "deliver", edits: EVERY_CHANGE } }, { uses: USED });
  await rig.take(FULL_OFFER, CONNECT, HELO, ...MESSAGE);
  rig.sent.length = 0;
  await rig.take("E");
  const spaced = EVERY_CHANGE.map((change) =>
    "value" in change && change.value !== "" ? { ...change, value: ` ${change.value}` } : change,
  );
  assert.deepEqual(modificationsOf(rig), [...spaced, { kind: "continue" }]);
});

test("a new body goes out in packets that an MTA takes; an empty one too", async () => {
  for (const length of [0, 1, 65_535, 200_000]) {
    const chunk = Buffer.alloc(length, "x");
    const { rig } = rigOf(
      { end: { kind: "deliver", edits: [{ kind: "replace-body", chunk }] } },
      { uses: ["changeBody"] },
    );
    await rig.take(FULL_OFFER, CONNECT, HELO, ...MESSAGE);
    rig.sent.length = 0;
    await rig.take("E");
    assert.equal(rig.sent.pop(), "c");
    assert.equal(rig.sent.length, Math.max(1, Math.ceil(length / 65_535)));
    assert.ok(rig.sent.every((packet) => packet[0] === "b" && packet.length <= 65_536));
    assert.equal(
      rig.sent.reduce((sum, packet) => sum + packet.length - 1, 0),
      length,
    );
  }
});

test("what was not asked for, or not granted, is not sent, and reported once", async () => {
  for (const { uses, offered } of [
    { uses: ["addHeaders"], offered: FULL_OFFER },
    { uses: USED, offered: offer(6, ACTIONS.addHeaders, 0x1fffff) },
  ] as const) {
    const { rig } = rigOf({ end: { kind: "deliver", edits: EVERY_CHANGE } }, { uses });
    await rig.take(offered, CONNECT, HELO, ...MESSAGE);
    rig.sent.length = 0;
    assert.equal(await rig.take("E"), "hic", "two of them add a field");
    assert.equal(rig.events.filter(({ kind }) => kind === "edit-not-negotiated").length, 1);
  }
});

test("the negotiation is made of what the filter uses", async () => {
  const words = async (options: Parameters<typeof rigOf>[1]) => {
    const { rig } = rigOf({}, options);
    await rig.take(offer(6, 0x1ff, 0x1fffff));
    const [first = ""] = rig.sent;
    const negotiated = decodeResponse(Buffer.from(first, "latin1"));
    if (negotiated.kind !== "negotiate") throw new Error(first);
    return negotiated;
  };
  const least = await words({ macroLists: [] });
  assert.equal(least.actions, ACTIONS.addHeaders | ACTIONS.changeHeaders);
  assert.equal(least.protocol & PROTOCOL.headerUnanswered, PROTOCOL.headerUnanswered);
  const most = await words({
    uses: USED,
    answers: EVERY_ANSWER,
    spares: ["helo", "unknown"],
    macroLists: [],
  });
  assert.equal(most.actions, 0xff);
  assert.equal(most.protocol & (PROTOCOL.headerUnanswered | PROTOCOL.endOfHeadersUnanswered), 0);
  assert.equal(most.protocol & PROTOCOL.noHelo, PROTOCOL.noHelo);
  assert.equal(most.protocol & PROTOCOL.noUnknown, PROTOCOL.noUnknown);
  assert.equal(most.protocol & PROTOCOL.noBody, 0);
});

test("a milter reads the macros of each stage, the client's name and what was granted", async () => {
  const seen: string[] = [];
  let session: MilterSession | undefined;
  const open: OpenMilter = (client, told) => {
    session = told;
    seen.push(`${told.hostname} ${told.macro("j")} ${told.granted.has("quarantine")}`);
    const connection = milter({}, [])(client, told);
    return {
      ...connection,
      async mail(...args) {
        seen.push(`${told.macro("{auth_authen}")}`);
        return connection.mail(...args);
      },
    };
  };
  const rig = new Rig({}, { open, uses: ["quarantine"] });
  await rig.take(FULL_OFFER, "DCj\0mx.test\0", CONNECT, HELO, "DM{auth_authen}\0ann\0", MAIL);
  assert.deepEqual(seen, ["mail.example.com mx.test true", "ann"]);
  assert.equal(session?.macro("none"), undefined);
});

test("progress: the MTA is asked for patience only while it waits and may be asked", async () => {
  let session: MilterSession | undefined;
  const open: OpenMilter = (client, told) => {
    session = told;
    const connection = milter({}, [])(client, told);
    return {
      ...connection,
      async hello(...args) {
        told.progress();
        return connection.hello(...args);
      },
    };
  };
  for (const { version, letters } of [
    { version: "Postfix 3.7.11", letters: "cpc" },
    { version: "8.17.1.9", letters: "cc" },
  ]) {
    const rig = new Rig({}, { open });
    await rig.take(FULL_OFFER);
    assert.equal(await rig.take(`DCv\0${version}\0`, CONNECT, HELO), letters);
    session?.progress();
    assert.equal(rig.lettersFrom(1), letters, "nobody waits");
  }
});
