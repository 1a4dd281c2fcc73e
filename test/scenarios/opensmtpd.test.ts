import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { testInNamespace } from "../mta/namespace-test.ts";
import { converse, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import { assertTold, type Manner } from "./assert-told.ts";
import { longReply } from "./long-reply.ts";
import { markAsSpam } from "./mark-as-spam.ts";
import { conversationOf, conversationWith, openSmtpdRig, type SmtpdRig } from "./opensmtpd-rig.ts";
import { overBudget } from "./over-budget.ts";
import { table } from "./table.ts";
import { until } from "./until.ts";

/** What Postfix hears at EHLO, a client of smtpd may hear when it connects. */
const manner: Manner = {
  front: "opensmtpd",
  mta: "opensmtpd",
  stageOf: (_, stage) => (stage === "helo" ? ["connect", "helo"] : stage),
};

const define = (): void => {
  let rig: SmtpdRig;
  before(async () => {
    rig = await openSmtpdRig();
  });
  after(() => rig.close());

  for (const scenario of [...table, longReply, overBudget]) {
    if (scenario.cells.opensmtpd !== "real") continue;
    test(`opensmtpd: ${scenario.id}`, async () => {
      await rig.prepare(scenario);
      const already = { messages: rig.sink.messages.length, lines: rig.lines().length };
      const transcript = await converse(conversationOf(scenario));
      await assertTold(rig, scenario, transcript, already, manner);
    });
  }

  test("opensmtpd: a good record makes up for a missing PTR, until users have marked 50 as spam", async () => {
    const row = table.find(({ id }) => id === "store-good-record-no-ptr") ?? assert.fail();
    await rig.prepare(row);
    const already = rig.sink.messages.length;
    const good = await converse(conversationOf(row));
    assert.equal(replyTo(good, "(message")?.code, 250, formatTranscript(good));
    await rig.sink.waitFor(already + 1);
    await markAsSpam(rig.sink.messages.at(-1)?.bytes ?? assert.fail(), 50, rig.file);
    const bad = await converse(conversationOf(row));
    assert.equal(replyTo(bad, "RCPT")?.code, 550, formatTranscript(bad));
  });

  const [honest] = table;
  assert.ok(honest);

  test("ten clients at a time: each is judged, whenever smtpd delivers", async () => {
    await rig.prepare(honest);
    const seen = rig.lines().length;
    await Promise.all(Array.from({ length: 10 }, rig.sendHonestly));
    const judged = () =>
      rig
        .lines()
        .slice(seen)
        .filter((line) => /opensmtpd message .*action=accept/.test(line));
    await until(() => judged().length === 10);
  });

  test("a client that leaves in DATA harms nobody", async () => {
    const leave = conversationWith("192.0.2.1", [
      { kind: "banner" },
      { kind: "ehlo", name: honest.helo },
      { kind: "mail", from: honest.from },
      { kind: "rcpt", to: "b@example.org" },
      { kind: "raw", bytes: "DATA\r\n" },
      { kind: "raw", bytes: "Subject: half\r\nFrom: a@example.com\r\n", replies: 0 },
      { kind: "close" },
    ]);
    await converse(leave);
    await rig.sendHonestly();
  });

  test("a broken configuration keeps the old one", async () => {
    const seen = rig.lines().length;
    await rig.write("mode: enfroce\n");
    await rig.signalShim("SIGHUP");
    const isTold = (line: string): boolean => /old configuration stays: .*enfroce/.test(line);
    await until(() => rig.lines().slice(seen).some(isTold));
    await rig.sendHonestly();
  });

  test("the same smtpd still serves, and says nothing against the filter", () => {
    assert.deepEqual(rig.complaints(), []);
  });
};

testInNamespace("scenarios on a real OpenSMTPD", import.meta.filename, define, ["opensmtpd"]);
