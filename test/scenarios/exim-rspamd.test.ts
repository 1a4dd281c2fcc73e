import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Exim, startExim } from "../mta/exim.ts";
import { testInNamespace } from "../mta/namespace-test.ts";
import { converse, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import { inOneLine } from "./assert-told.ts";
import { assertId, withoutId } from "./decision-id.ts";
import { example } from "./exim-rig.ts";
import { stepsOf } from "./exim-steps.ts";
import { headerOf, openRig, type Rig } from "./rig.ts";
import type { Scenario } from "./scenario.ts";
import { table } from "./table.ts";
import { until } from "./until.ts";

const PORT = 2855;

/** Rows that show each action: everything is decided at the end of the message. */
const played = [
  "honest",
  "no-ptr",
  "score-60-article",
  "score-5-article",
  "no-ptr-article",
  "two-recipients-one-postmaster",
  "forged-headers",
  "dmarc-reject",
  "dkim-simple",
  "dkim-key-silent",
  "null-sender",
];

const define = (): void => {
  let rig: Rig;
  let exim: Exim;

  before(async () => {
    rig = await openRig({ listen: { milter: [], exim: "inet:127.0.0.1:8892" } });
    exim = await startExim({
      instanceDir: join(rig.folder, "exim"),
      port: PORT,
      sinkPort: rig.sink.port,
      dns: "hosts",
      settings: ["spamd_address = 127.0.0.1 8892 tmo=5s variant=rspamd"],
      acl: { data: ["require acl = acl_postern_rspamd"] },
      moreAcls: [".include /etc/exim4/postern-rspamd-acl.conf"],
      files: { "exim4/postern-rspamd-acl.conf": await example("postern-rspamd-acl.conf") },
    });
  });
  after(async () => {
    await exim.stop();
    await rig.close();
  });

  const play = (scenario: Scenario) =>
    converse({
      host: "127.0.0.1",
      port: PORT,
      localAddress: scenario.client.ip,
      steps: stepsOf(scenario),
    });

  for (const id of played) {
    const scenario = table.find((one) => one.id === id);
    assert.ok(scenario, id);
    const { expect } = scenario;
    test(`exim, Rspamd's dialect: ${id}`, async () => {
      await rig.prepare(scenario);
      const already = rig.sink.messages.length;
      const transcript = await play(scenario);
      const said = formatTranscript(transcript);
      const told = replyTo(transcript, "(message");
      // One verdict for all recipients: with one that must be let in, mail comes as junk.
      if (expect.reply === null || expect.headers !== undefined) {
        assert.equal(told?.code, 250, said);
        await rig.sink.waitFor(already + 1);
        const header = headerOf(rig.sink.messages.at(-1)?.bytes);
        for (const wanted of expect.headers ?? [])
          assert.match(header.replaceAll(/\r\n[ \t]+/g, " "), unfolding(wanted));
        for (const absent of expect.absentHeaders ?? []) assert.doesNotMatch(header, absent);
        assert.match(header, /^Authentication-Results: mx\.example\.org;[^\r]*\r\nX-Postern: /);
      } else {
        // From MAIL on 421 would cut off other messages.
        const reply = expect.reply.replace(/^421 /, "451 ");
        const words = inOneLine(told);
        assertId(words, scenario);
        assert.equal(withoutId(words, rig.daemon().lines()), reply, said);
        assert.equal(rig.sink.messages.length, already);
      }
      assert.doesNotMatch(exim.log().join("\n"), /panic|expand|no usable answer/);
    });
  }

  test("exim, Rspamd's dialect: without a daemon mail passes, without what it forged", async () => {
    const [honest] = table;
    assert.ok(honest);
    await rig.daemon().stop();
    const already = rig.sink.messages.length;
    const forged = ["X-Postern: 1", "X-Spam: no", "x-spam-flag: NO", "Authentication-Results: a"];
    const message = `${forged.join("\n")}\nX-Spam-Level: 1\n${honest.message}`;
    const transcript = await play({ ...honest, message });
    assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
    await rig.sink.waitFor(already + 1);
    const header = headerOf(rig.sink.messages.at(-1)?.bytes);
    assert.match(header, /^Received: [\s\S]*^X-Spam-Level: 1\r$/m);
    assert.doesNotMatch(header, /^X-Postern|^X-Spam(?!-Level)|^Authentication/im);
    await until(() => exim.log().some((line) => line.includes("no usable answer at data")));
  });
};

/** In this dialect fields come in one line. */
function unfolding({ source, flags }: RegExp): RegExp {
  return new RegExp(source.replaceAll(/\\r\?\\n\\s\+/g, " "), flags);
}

testInNamespace("Exim that asks in Rspamd's dialect", import.meta.filename, define, ["exim"]);
