import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Exim, startExim } from "../mta/exim.ts";
import { message } from "../mta/instance-test.ts";
import { testInNamespace } from "../mta/namespace-test.ts";
import { converse, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import type { Step } from "../mta/smtp-steps.ts";
import { openStage, type Stage } from "./exim-fake-stage.ts";
import { withPostern } from "./exim-rig.ts";
import { accept, openSidecar, reply, type Sidecar } from "./exim-sidecar.ts";

const PORT = 2865;

/** What docs/exim.md promises to those who have rules of their own. */
const define = (): void => {
  let stage: Stage;
  let spamassassin: Sidecar;
  let exim: Exim;

  before(async () => {
    stage = await openStage();
    spamassassin = await openSidecar();
    exim = await startExim(
      await withPostern({
        ...stage.options("exim", PORT),
        macros: {
          ...stage.macros,
          SITE_CONNECT: "acl_connect",
          SITE_HELO: "acl_helo",
          OTHER_SPAMD: `127.0.0.1 ${spamassassin.port}`,
        },
        acl: {
          connect: ["deny hosts = 192.0.2.2", "  message = not you"],
          helo: ["deny condition = \x24{if eq{$sender_helo_name}{bad}}", "  message = not so"],
          mail: ["deny senders = bad@example.com", "  message = not from you"],
          rcpt: ["discard local_parts = void"],
          data: [
            "warn spam = nobody:true",
            "  add_header = :at_start:X-Their-Score: $spam_score",
            "deny condition = \x24{if eq{$h_subject:}{bad}}",
            "  message = not this",
            "discard condition = \x24{if eq{$h_subject:}{void}}",
          ],
        },
      }),
    );
  });
  after(async () => {
    await exim.stop();
    await spamassassin.close();
    await stage.close();
  });

  const talk = (localAddress: string, ...steps: Step[]) =>
    converse({
      host: "127.0.0.1",
      port: PORT,
      localAddress,
      steps: [{ kind: "banner" }, ...steps],
    });
  const ehlo: Step = { kind: "ehlo", name: "good.example.com" };
  const mail: Step = { kind: "mail", from: "a@example.com" };
  const rcpt: Step = { kind: "rcpt", to: "b@example.org" };
  const data: Step = { kind: "data", message };
  const stages = () => stage.sidecar.asked.map((one) => one.stage).filter((one) => one !== "quit");

  test("their rules are asked first at connect, HELO, MAIL and DATA", async () => {
    stage.sidecar.behave(() => reply("550 5.7.1 ours"));
    const early = await talk("192.0.2.2");
    assert.equal(early[0]?.reply?.text, "not you");
    assert.deepEqual(stages(), []);
    stage.sidecar.behave((at) => (at === "message" ? reply("550 5.7.1 ours") : accept));
    const bad: Step = { kind: "data", message: "Subject: bad\r\n\r\nx\r\n" };
    const said = await talk(
      "192.0.2.1",
      { kind: "ehlo", name: "bad" },
      ehlo,
      { kind: "mail", from: "bad@example.com" },
      mail,
      rcpt,
      bad,
    );
    const told = said
      .map((one) => one.reply?.text)
      .filter((text) => /^(not|5\.7)/.test(text ?? ""));
    assert.deepEqual(told, ["not so", "not from you", "not this"], formatTranscript(said));
    assert.deepEqual(stages(), ["connect", "helo", "mail", "rcpt"]);
  });

  test("they may discard recipients and messages", async () => {
    stage.sidecar.behave(() => accept);
    const already = stage.sink.messages.length;
    const void1: Step = { kind: "rcpt", to: "void@example.org" };
    const void2: Step = { kind: "data", message: "Subject: void\r\n\r\nx\r\n" };
    const said = await talk("192.0.2.1", ehlo, mail, void1, rcpt, data, mail, rcpt, void2);
    assert.ok(
      said.every(({ reply }) => (reply?.code ?? 0) < 400),
      formatTranscript(said),
    );
    assert.deepEqual(stages(), ["connect", "helo", "mail", "rcpt", "message", "mail", "rcpt"]);
    const delivered = (await stage.sink.waitFor(already + 1)).slice(already);
    assert.deepEqual(
      delivered.map(({ recipients }) => recipients),
      [["b@example.org"]],
    );
  });

  test("their own `spam =` asks SpamAssassin, ours the daemon", async () => {
    stage.sidecar.behave(() => accept);
    spamassassin.behave(() => accept);
    const said = await talk("192.0.2.1", ehlo, mail, rcpt, data, mail, rcpt, data);
    assert.equal(replyTo(said, "(message", 2)?.code, 250, formatTranscript(said));
    assert.deepEqual(
      spamassassin.asked.map((one) => one.stage),
      ["message", "message"],
    );
    assert.deepEqual(stages(), [
      "connect",
      "helo",
      "mail",
      "rcpt",
      "message",
      "mail",
      "rcpt",
      "message",
    ]);
    const [first] = await stage.sink.waitFor(({ bytes }) => bytes.includes("X-Their-Score"));
    assert.match(first?.bytes.toString("latin1") ?? "", /^X-Their-Score: 0\.0\r\n/);
  });
};

testInNamespace("an Exim with rules of its own", import.meta.filename, define, ["exim"]);
