import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type MilterAnswer,
  type MilterFinal,
  type MilterUse,
  type OpenMilter,
  serveMilter,
} from "@postern/milter-adapter";
import { session, withInstance } from "../mta/instance-test.ts";
import { testInNamespace } from "../mta/namespace-test.ts";
import { startPostfix } from "../mta/postfix.ts";
import { startSendmail } from "../mta/sendmail.ts";
import { openSink, type SinkMessage } from "../mta/sink.ts";
import { converse, formatTranscript, replyTo } from "../mta/smtp-client.ts";

/* Every answer and change of the milter protocol, as the real mail servers carry it out. */

const port = 2525;
const GO_ON: MilterAnswer = { kind: "continue" };

interface Decision {
  readonly rcpt?: MilterAnswer;
  readonly headersEnd?: MilterAnswer;
  readonly end?: MilterFinal;
}

/** A milter that decides alike on every message. */
function milter({ rcpt, headersEnd, end }: Decision): OpenMilter {
  return (_, told) => ({
    greet: async () => GO_ON,
    hello: async () => GO_ON,
    secured() {},
    authenticated() {},
    misspoke() {},
    mail: async () => ({
      answer: GO_ON,
      transaction: {
        rcpt: async () => rcpt ?? GO_ON,
        outcome() {},
        ended() {},
        message: () => ({
          begun: async () => {},
          header() {},
          headersEnd: async () => headersEnd ?? GO_ON,
          body: () => undefined,
          async end() {
            told.progress();
            return end ?? GO_ON;
          },
        }),
      },
    }),
    close() {},
  });
}

const BODY = Buffer.from("another body\r\n");
const CHANGES: MilterFinal = {
  kind: "deliver",
  edits: [
    { kind: "change-header", ordinal: 1, name: "Subject", value: "changed" },
    { kind: "add-header", name: "X-Last", value: "last" },
    { kind: "insert-header", index: 0, name: "X-First", value: "first" },
    { kind: "replace-body", chunk: BODY },
    { kind: "add-recipient", address: "<c@example.org>" },
    { kind: "delete-recipient", address: "<b@example.org>" },
    { kind: "change-sender", address: "<e@example.com>", parameters: null },
  ],
};
const USES = [
  "addHeaders",
  "changeHeaders",
  "changeBody",
  "addRecipients",
  "deleteRecipients",
  "changeSender",
] as const;

interface Played {
  /** The reply to the end of the message, or to RCPT where there was none. */
  readonly code: number | undefined;
  readonly transcript: string;
  readonly log: (pattern: RegExp) => Promise<string>;
  /** What reached the next server; waits for one more message than before. */
  readonly delivered: () => Promise<SinkMessage | undefined>;
  readonly isDelivered: () => boolean;
}

interface Server {
  readonly name: string;
  play(use: MilterUse & Decision, check: (played: Played) => Promise<void>): Promise<void>;
}

function server(
  name: string,
  start: (
    instanceDir: string,
    sinkPort: number,
    milterPort: number,
  ) => Promise<AsyncDisposable & { waitForLog(pattern: RegExp): Promise<string> }>,
): Server {
  return {
    name,
    play: (use, check) =>
      withInstance(async (instanceDir) => {
        await using sink = await openSink();
        const listener = { kind: "inet", host: "127.0.0.1", port: 0 } as const;
        const events: string[] = [];
        await using filter = await serveMilter({
          ...use,
          listener,
          open: milter(use),
          onEvent: ({ kind }) => events.push(kind),
        });
        await using mta = await start(instanceDir, sink.port, filter.port ?? 0);
        const transcript = await converse({ host: "127.0.0.1", port, steps: session() });
        const told = replyTo(transcript, "(message") ?? replyTo(transcript, "RCPT");
        await check({
          code: told?.code,
          transcript: formatTranscript(transcript),
          log: (pattern) => mta.waitForLog(pattern),
          delivered: async () => (await sink.waitFor(1))[0],
          isDelivered: () => sink.messages.length > 0,
        });
        assert.deepEqual(events, []);
      }),
  };
}

const servers: readonly Server[] = [
  server("Postfix", (instanceDir, sinkPort, milterPort) =>
    startPostfix({
      instanceDir,
      port,
      sinkPort,
      dns: "hosts",
      milters: `inet:127.0.0.1:${milterPort}`,
    }),
  ),
  server("Sendmail", (instanceDir, sinkPort, milterPort) =>
    startSendmail({
      instanceDir,
      port,
      sinkPort,
      dns: "hosts",
      milters: [`S=inet:${milterPort}@127.0.0.1, F=T`],
    }),
  ),
];

testInNamespace("milter: what a filter can do, on real mail servers", import.meta.filename, () => {
  for (const { name, play } of servers) {
    test(`${name}: fields, body, recipients and sender change`, () =>
      play({ uses: USES, end: CHANGES }, async ({ code, transcript, delivered }) => {
        assert.equal(code, 250, transcript);
        const message = await delivered();
        const text = message?.bytes.toString("latin1") ?? "";
        const [head = "", body = ""] = text.split("\r\n\r\n");
        assert.match(head, /^X-First: first\r\n/);
        assert.match(head, /^Subject: changed\r?$/m);
        assert.match(head, /^X-Last: last\r?$/m);
        assert.doesNotMatch(head, /^Subject: t\r?$/m);
        assert.equal(body, BODY.toString());
        assert.deepEqual(message?.recipients, ["c@example.org"]);
        assert.equal(message?.mailFrom, "e@example.com");
      }));

    test(`${name}: a field that is taken away`, () =>
      play(
        {
          uses: ["changeHeaders"],
          end: {
            kind: "deliver",
            edits: [{ kind: "change-header", ordinal: 1, name: "Subject", value: "" }],
          },
        },
        async ({ delivered }) => {
          assert.doesNotMatch((await delivered())?.bytes.toString("latin1") ?? "", /^Subject:/m);
        },
      ));

    test(`${name}: discard takes the mail and throws it away`, () =>
      play({ end: { kind: "discard" } }, async ({ code, transcript, log, isDelivered }) => {
        assert.equal(code, 250, transcript);
        await log(/discard/i);
        assert.equal(isDelivered(), false);
      }));

    test(`${name}: quarantine keeps the mail back`, () =>
      play(
        {
          uses: ["quarantine"],
          end: { kind: "deliver", edits: [{ kind: "quarantine", reason: "looks odd" }] },
        },
        async ({ code, transcript, log, isDelivered }) => {
          assert.equal(code, 250, transcript);
          await log(/milter-hold|quarantine/);
          assert.equal(isDelivered(), false);
        },
      ));

    test(`${name}: a reply of several lines`, () => {
      const lines = ["Not here.", "See https://example.org/why"];
      return play(
        { rcpt: { kind: "reply", code: 550, enhanced: "5.7.1", lines } },
        async ({ transcript }) => {
          assert.match(transcript, /550-5\.7\.1 (?:\S+ )?Not here\./);
          assert.match(transcript, /550 5\.7\.1 See https:\/\/example\.org\/why/);
        },
      );
    });

    test(`${name}: accept at RCPT, and no question after it`, () =>
      play(
        { rcpt: { kind: "accept" }, end: { kind: "reject" } },
        async ({ code, transcript, delivered }) => {
          assert.equal(code, 250, transcript);
          assert.equal((await delivered())?.mailFrom, "a@example.com");
        },
      ));

    test(`${name}: refused at the end of the header, in its own words`, () =>
      play(
        { answers: ["end-of-headers"], headersEnd: { kind: "reject" } },
        async ({ code, transcript, isDelivered }) => {
          assert.equal(Math.trunc((code ?? 0) / 100), 5, transcript);
          assert.equal(isDelivered(), false);
        },
      ));

    test(`${name}: without header and body it is asked all the same`, () =>
      play(
        { spares: ["helo", "data", "header", "body", "unknown"], end: { kind: "tempfail" } },
        async ({ code, transcript }) => {
          assert.equal(Math.trunc((code ?? 0) / 100), 4, transcript);
        },
      ));
  }
});
