import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { testInNamespace } from "../mta/namespace-test.ts";
import { type Notqmail, startNotqmail } from "../mta/notqmail.ts";
import { converse, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import type { Reply } from "../mta/smtp-replies.ts";
import type { Step } from "../mta/smtp-steps.ts";
import { assertTold, type Manner } from "./assert-told.ts";
import { assertId, withoutId } from "./decision-id.ts";
import { longReply } from "./long-reply.ts";
import { assertOutgoingTeaches } from "./outgoing-teaches.ts";
import { overBudget } from "./over-budget.ts";
import { openRig, type Rig } from "./rig.ts";
import { confirmed } from "./rows/base.ts";
import type { Scenario } from "./scenario.ts";
import { table } from "./table.ts";

const PORT = 2925;
const SUBMISSION_PORT = 587;
const environment = {
  POSTERN_SOCKET: "inet:127.0.0.1:8892",
  POSTERN_FAIL: "defer",
  POSTERN_EXIT82: "1",
  POSTERN_MTA: "notqmail/1.09",
  STANDIN_FD6: "1",
};

/** What Postfix holds back until EHLO or MAIL is told when the client connects; all else at the end of the message. */
const isToldAtConnect = ({ expect: { shownAt } }: Scenario): boolean =>
  shownAt === "EHLO" || shownAt === "MAIL";

/** The sentence is exact. The code is at connect, and 554 or 451 at the end: those are qmail-smtpd's. */
const manner: Manner = {
  front: "notqmail",
  mta: "notqmail",
  queueId: "untold",
  // A long sentence is cut down to what qmail reads, the decision id behind it is not.
  words: (reply) => reply.slice(4, 4 + 231),
  stageOf: (scenario) => (isToldAtConnect(scenario) ? "connect" : "message"),
  // What the message earned stands in the line, and changes nothing.
  unlike: ({ expect }) => (expect.reply === null ? [] : ["credit", "dmarc", "message-id"]),
  code: (reply, scenario) => {
    if (isToldAtConnect(scenario)) return reply.slice(0, 3);
    return reply.startsWith("5") ? "554" : "451";
  },
};

const define = (): void => {
  let rig: Rig;
  let notqmail: Notqmail;

  before(async () => {
    rig = await openRig({ listen: { exim: environment.POSTERN_SOCKET } });
    notqmail = await startNotqmail({
      instanceDir: join(rig.folder, "notqmail"),
      ports: [PORT, SUBMISSION_PORT],
      sinkPort: rig.sink.port,
      environment,
    });
  });
  after(async () => {
    await notqmail.stop();
    await rig.close();
  });

  beforeEach(() => notqmail.setEnvironment(environment));

  const play = async (scenario: Scenario, as: Manner = manner) => {
    await rig.prepare(scenario);
    const already = { messages: rig.sink.messages.length, lines: rig.daemon().lines().length };
    const transcript = await converse(conversationOf(scenario));
    const lines = () => rig.daemon().lines();
    await assertTold({ sink: rig.sink, lines }, scenario, transcript, already, as);
    return transcript;
  };

  for (const scenario of [...table, longReply, overBudget]) {
    if (scenario.cells.notqmail !== "fake") continue;
    test(`notqmail: ${scenario.id}`, async () => {
      const transcript = await play(scenario);
      assert.deepEqual(
        notqmail.log().filter((line) => /POSTERN_FAIL|uninitialized/.test(line)),
        [],
      );
      if (isToldAtConnect(scenario))
        assert.equal(transcript[1]?.reply, undefined, formatTranscript(transcript));
    });
  }

  test("notqmail: what a user sends teaches whom he knows", () =>
    assertOutgoingTeaches({
      prepare: rig.prepare,
      play: (scenario) => converse(conversationOf(scenario)),
      lines: () => rig.daemon().lines(),
    }));

  const [honest] = table;
  assert.ok(honest);
  const scenarioOf = (id: string): Scenario => {
    const found = table.find((scenario) => scenario.id === id);
    assert.ok(found, id);
    return found;
  };
  const ehlo: Step = { kind: "ehlo", name: honest.helo };
  const mailTo = (...to: readonly string[]): Step[] => [
    { kind: "mail", from: honest.from },
    ...to.map((one): Step => ({ kind: "rcpt", to: one })),
    { kind: "data", message: honest.message },
  ];
  /** A reply without the decision id behind it. */
  const sentence = (reply: Reply | null | undefined): string =>
    withoutId(reply?.lines.join(" ") ?? "(no reply)", rig.daemon().lines());
  const talk = (...steps: Step[]) =>
    converse({
      host: "127.0.0.1",
      port: PORT,
      localAddress: "192.0.2.1",
      steps: [{ kind: "banner" }, ...steps],
    });

  test("two messages in one session: each is judged, the client is looked up once", async () => {
    await rig.prepare(honest);
    const already = rig.sink.messages.length;
    const asked = rig.dns.questions.filter(isPtr).length;
    const transcript = await talk(ehlo, ...mailTo("b@example.org"), ...mailTo("c@example.org"));
    assert.equal(replyTo(transcript, "(message", 2)?.code, 250, formatTranscript(transcript));
    await rig.sink.waitFor(already + 2);
    assert.equal(rig.dns.questions.filter(isPtr).length, asked + 1);
  });

  test("a recipient who is refused takes postmaster along; postmaster alone is reached", async () => {
    await rig.prepare({ ...honest, dns: { "mail.example.com": confirmed["mail.example.com"] } });
    const both = await talk(ehlo, ...mailTo("b@example.org", "postmaster@example.org"));
    assert.equal(
      sentence(replyTo(both, "(message")),
      "554 5.7.25 you must have rDNS to contact this MX",
    );
    const alone = await talk(ehlo, ...mailTo("postmaster@example.org"));
    assert.equal(replyTo(alone, "(message")?.code, 250, formatTranscript(alone));
  });

  test("without the front, what was to be told at connect is told at the end of the message", async () => {
    const scenario = scenarioOf("no-ptr-article");
    await notqmail.setEnvironment({
      ...environment,
      POSTERN_SOCKET: "unix:/nowhere",
      POSTERN_FAIL: "accept",
    });
    const silent = await talk(ehlo);
    assert.equal(replyTo(silent, "EHLO")?.code, 250, formatTranscript(silent));
    await rig.prepare(scenario);
    await notqmail.setEnvironment({ ...environment, STANDIN_FRONT: "" });
    const transcript = await talk(ehlo, ...mailTo("b@example.org"));
    assert.equal(
      replyTo(transcript, "(message")?.lines[0],
      "451 you must have rDNS to contact this MX",
      formatTranscript(transcript),
    );
  });

  for (const [id, line] of [
    ["refuse-at-connect", "553 5.7.25 you must have rDNS to contact this MX"],
    ["no-ptr-article", "451 you must have rDNS to contact this MX"],
  ] as const) {
    test(`POSTERN_RBL: rblsmtpd says it at RCPT: ${id}`, async () => {
      await rig.prepare(scenarioOf(id));
      await notqmail.setEnvironment({ ...environment, POSTERN_RBL: "1", STANDIN_RBLSMTPD: "1" });
      const transcript = await talk(ehlo, ...mailTo("b@example.org"));
      assert.equal(sentence(replyTo(transcript, "RCPT")), line, formatTranscript(transcript));
      await rig.prepare(honest);
      const good = await talk(ehlo, ...mailTo("b@example.org"));
      assert.equal(replyTo(good, "(message")?.code, 250, formatTranscript(good));
    });
  }

  test("POSTERN_RBL: of a long sentence rblsmtpd says 200 bytes, the decision id among them", async () => {
    const { policy, ...config } = longReply.config;
    const early = { ...(policy as object), refuseAt: "connect" };
    await rig.prepare({ ...longReply, config: { ...config, policy: early } });
    await notqmail.setEnvironment({ ...environment, POSTERN_RBL: "1", STANDIN_RBLSMTPD: "1" });
    const transcript = await talk(ehlo, ...mailTo("b@example.org"));
    const told = replyTo(transcript, "RCPT")?.lines[0] ?? "";
    assert.equal(told.length, "553 ".length + 200, told);
    assertId(told, longReply);
    assert.ok(
      `553 ${longReply.expect.reply?.slice(4)}`.startsWith(sentence(replyTo(transcript, "RCPT"))),
    );
  });

  test("RELAYCLIENT: nobody is asked when it connects, what it sends is not judged, forgeries go", async () => {
    await notqmail.setEnvironment({ ...environment, RELAYCLIENT: "" });
    const { client, ...row } = scenarioOf("authenticated-from-a-bad-address");
    const config = { ...row.config, policy: { extends: "postmaster-2026", refuseAt: "connect" } };
    await play({ ...row, client: { ip: client.ip }, config });
  });

  test("the front ends in time though the client speaks first, and the sentence arrives", async () => {
    await rig.prepare(scenarioOf("refuse-at-connect"));
    const early: Step = { kind: "raw", bytes: "EHLO mail.example.com\r\n".repeat(500) };
    const transcript = await converse({
      host: "127.0.0.1",
      port: PORT,
      localAddress: "192.0.2.1",
      steps: [early],
    });
    assert.equal(
      sentence(transcript[0]?.reply),
      "550 5.7.25 you must have rDNS to contact this MX",
      formatTranscript(transcript),
    );
  });
};

testInNamespace("scenarios on tcpserver with stand-ins for qmail", import.meta.filename, define, [
  "ucspi-tcp",
]);

const isPtr = ({ type }: { readonly type: string }): boolean => type === "PTR";

function conversationOf({
  client,
  helo,
  from,
  rcpt,
  message,
}: Scenario): Parameters<typeof converse>[0] {
  const login = Buffer.from(`\0${client.user}\0secret`).toString("base64");
  return {
    host: "127.0.0.1",
    port: client.listener === "submission" ? SUBMISSION_PORT : PORT,
    localAddress: client.ip,
    steps: [
      { kind: "banner" },
      { kind: "ehlo", name: helo },
      ...(client.user === undefined
        ? []
        : [{ kind: "line", text: `AUTH PLAIN ${login}` } as const]),
      { kind: "mail", from },
      ...rcpt.map((to) => ({ kind: "rcpt", to }) as const),
      { kind: "data", message },
      { kind: "quit" },
    ],
  };
}
