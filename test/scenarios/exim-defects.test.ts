import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Exim, startExim } from "../mta/exim.ts";
import { message } from "../mta/instance-test.ts";
import { testInNamespace } from "../mta/namespace-test.ts";
import { converse, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import type { Step } from "../mta/smtp-steps.ts";
import { openStage, type Stage } from "./exim-fake-stage.ts";
import { withPostern } from "./exim-rig.ts";
import { type Asked, accept, reply, say } from "./exim-sidecar.ts";
import { until } from "./until.ts";

const PORT = 2835;
const ehlo: Step = { kind: "ehlo", name: "client.example.com" };
const mail: Step = { kind: "mail", from: "a@example.com" };
const rcpt: Step = { kind: "rcpt", to: "b@example.org" };
const data: Step = { kind: "data", message };

/** Each is what an earlier draft of the configuration did wrong (EXIM.md section 4). */
const define = (): void => {
  let stage: Stage;
  let exim: Exim;

  before(async () => {
    stage = await openStage();
    exim = await startExim(
      await withPostern({
        ...stage.options("exim", PORT),
        dns: "127.0.0.1",
        macros: { ...stage.macros, FAIL: "defer" },
      }),
    );
  });
  after(async () => {
    await exim.stop();
    await stage.close();
  });

  const talk = (...steps: Step[]) =>
    converse({
      host: "127.0.0.1",
      port: PORT,
      localAddress: "192.0.2.1",
      steps: [{ kind: "banner" }, ...steps],
    });
  const askedAt = (name: string): Asked => {
    const found = stage.sidecar.asked.find((asked) => asked.stage === name);
    assert.ok(found, `nothing was asked at ${name}`);
    return found;
  };

  test("1: a value whose base64 has a slash cuts off nothing of `spam`", async () => {
    const from = '"???"@example.com';
    assert.match(Buffer.from(from).toString("base64"), /\//);
    stage.sidecar.behave((name) => (name === "message" ? reply("550 5.7.1 no") : accept));
    const transcript = await talk(ehlo, { kind: "mail", from }, rcpt, data, { kind: "quit" });
    assert.equal(replyTo(transcript, "(message")?.lines.join(), "550 5.7.1 no");
    const { keys } = askedAt("message");
    assert.equal(keys.get("from"), from);
    assert.match(keys.get("id") ?? "", /^\w+-\w+-\w+$/);
    // And :true/defer_ok was not lost: without an answer the mail is deferred by our own sentence.
    stage.sidecar.behave((name) =>
      name === "message" ? (socket) => socket.resetAndDestroy() : accept,
    );
    const without = await talk(ehlo, { kind: "mail", from }, rcpt, data);
    assert.match(replyTo(without, "(message")?.text ?? "", /^4\.3\.0 temporary filter failure/);
  });

  test("2: empty values are quoted, so none takes the next one for its own", async () => {
    stage.sidecar.behave((name) =>
      name === "message" ? say('v=1 a=accept d="" h="" m="x" z=1') : accept,
    );
    const already = stage.sink.messages.length;
    const transcript = await talk(ehlo, mail, rcpt, data);
    assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
    const [delivered] = (await stage.sink.waitFor(already + 1)).slice(already);
    const header = delivered?.bytes.subarray(0, -message.length).toString("latin1") ?? "";
    assert.match(header, /^Received: from [^\r]+\r\n(?:\t[^\r]+\r\n)+$/, "nothing was added");
    assert.ok(delivered?.bytes.subarray(-message.length).equals(message));
  });

  for (const name of ["connect", "helo", "mail", "rcpt", "message"]) {
    for (const text of ["451 4.7.1 come back later", "550 5.7.1 go away"]) {
      test(`3: ${text} at ${name} is said with its own code`, async () => {
        stage.sidecar.behave((at) => (at === name ? reply(text) : accept));
        const seen = exim.log().length;
        const transcript = await talk(ehlo, mail, rcpt, data);
        const refused = transcript.find((one) => (one.reply?.code ?? 0) >= 400);
        assert.equal(refused?.reply?.lines.join(), text, formatTranscript(transcript));
        assert.doesNotMatch(exim.log().slice(seen).join("\n"), /panic/i);
      });
    }
  }

  test("4: the answer at RCPT does not decide the end of the message", async () => {
    stage.sidecar.behave((name) => (name === "message" ? (socket) => socket.end() : accept));
    const transcript = await talk(ehlo, mail, rcpt, data);
    assert.equal(replyTo(transcript, "(message")?.code, 451, formatTranscript(transcript));
  });

  test("5: an accept that was cut is none", async () => {
    for (const name of ["rcpt", "message"]) {
      for (const cut of ["v=1 a=accept", 'v=1 a=accept m=""', 'v=1 a=accept d="" h="" m="" z=']) {
        stage.sidecar.behave((at) => (at === name ? say(cut) : accept));
        const transcript = await talk(ehlo, mail, rcpt, data);
        const told = replyTo(transcript, name === "rcpt" ? "RCPT" : "(message");
        assert.equal(told?.code, 451, formatTranscript(transcript));
      }
    }
  });

  test("6: 421 at connect hangs up; at HELO nothing else is said any more", async () => {
    const words = "421 you must have rDNS to contact this MX";
    stage.sidecar.behave((name) =>
      name === "connect" ? say(`v=1 a=close m="${words}" z=1`) : accept,
    );
    const early = await talk(ehlo);
    assert.equal(early[0]?.reply?.lines.join(), words);
    assert.ok(early.at(-1)?.end, formatTranscript(early));

    stage.sidecar.behave((name) =>
      name === "helo" ? say(`v=1 a=close m="${words}" z=1`) : accept,
    );
    const later = await talk(ehlo, mail, ehlo, { ...ehlo, kind: "helo" }, mail, rcpt);
    const told = later.slice(1).map(({ sent, reply: got }) => [sent.slice(0, 4), got?.code]);
    // MAIL without HELO is refused by Exim itself.
    assert.deepEqual(told, [
      ...[
        ["EHLO", 421],
        ["MAIL", 503],
        ["EHLO", 421],
        ["HELO", 421],
        ["MAIL", 503],
        ["RCPT", 503],
      ],
    ]);
    const session = stage.sidecar.asked.find((one) => one.stage === "helo")?.keys.get("session");
    const asked = stage.sidecar.asked.filter((one) => one.keys.get("session") === session);
    assert.deepEqual(
      asked.map((one) => one.stage).filter((one) => one !== "quit"),
      ["connect", "helo"],
      "and nothing is asked any more",
    );
  });

  test("6: 521 hangs up at HELO too", async () => {
    stage.sidecar.behave((name) =>
      name === "helo" ? say('v=1 a=close m="521 5.7.1 go away" z=1') : accept,
    );
    const transcript = await talk(ehlo, mail);
    assert.equal(transcript[1]?.reply?.code, 521, formatTranscript(transcript));
    assert.ok(transcript[2]?.end, formatTranscript(transcript));
  });

  test("7: a quoted local part keeps its quotes", async () => {
    stage.sidecar.behave(() => accept);
    for (const to of ['"x, y@z.org"@example.org', '"a\\"b c"@example.org', "B.c+d@example.org"]) {
      stage.sidecar.behave(() => accept);
      await talk(ehlo, mail, { kind: "rcpt", to });
      assert.equal(askedAt("rcpt").keys.get("rcpt"), to.toLowerCase());
    }
  });

  test("8: Exim looks up no name of the client", async () => {
    const asked = stage.dns.questions.length;
    await talk(ehlo, mail, rcpt, data);
    const names = stage.dns.questions.slice(asked).map(({ name }) => name);
    assert.deepEqual(
      names.filter((name) => /arpa/.test(name)),
      [],
    );
  });

  test("9: a long sentence is broken into lines of one code and one enhanced code", async () => {
    const words = Array.from({ length: 20 }, (_, at) => `word${at}`).join(" ");
    stage.sidecar.behave((name) => (name === "rcpt" ? reply(`550 5.7.1 ${words}`) : accept));
    const told = replyTo(await talk(ehlo, mail, rcpt), "RCPT");
    assert.ok((told?.lines.length ?? 0) > 1);
    assert.equal(told?.code, 550);
    assert.equal(told?.lines.map((line) => line.replace(/^550[ -]5\.7\.1 /, "")).join(" "), words);
  });

  const fields = [
    "Authentication-Results: mx.example.org;",
    "\tiprev=pass;",
    "  spf=pass",
    "X-Postern: id=1",
    "X-Spam: yes",
    'Authentication-Results : other.example; x="\x01\x02$acl_c_x \xe9" ',
    "X-Last: $primary_hostname",
  ];
  const block = Buffer.from(`${fields.join("\n")}\n`, "latin1").toString("base64");
  test("10: every field comes to the very top, in order, byte for byte", async () => {
    const words = `v=1 a=accept d="Subject:X-Spam" h="${block}" m="" z=1`;
    stage.sidecar.behave((name) => (name === "message" ? say(words) : accept));
    await talk(ehlo, mail, rcpt, data);
    const [delivered] = await stage.sink.waitFor(({ bytes }) => bytes.includes("X-Postern: id=1"));
    const text = delivered?.bytes.toString("latin1") ?? "";
    const top = text.slice(0, text.indexOf("\r\nReceived: ")).split("\r\n");
    // Exim 4.96 takes no blank before the colon; bytes that stand for line ends meanwhile are gone.
    const expected = fields.map((line) => line.replace(" : ", ": ").replace("\x01\x02", "??"));
    assert.deepEqual(top, expected);
    assert.doesNotMatch(text, /^(Subject:|X-ACL-Warn)/m);
  });

  test("11: one answer that does not come leaves no mail unjudged", async () => {
    stage.sidecar.behave((name) => {
      if (name === "connect") return () => {};
      return name === "message" ? reply("550 5.7.1 no") : accept;
    });
    await using open = await startExim(
      await withPostern({ ...stage.options("open", PORT + 1), macros: stage.macros }),
    );
    const steps: Step[] = [{ kind: "banner" }, ehlo, mail, rcpt, data, mail, { kind: "quit" }];
    const from = { host: "127.0.0.1", port: PORT + 1, localAddress: "192.0.2.1" };
    const transcript = await converse({ ...from, steps });
    assert.equal(replyTo(transcript, "(message")?.code, 550, formatTranscript(transcript));
    const session = askedAt("connect").keys.get("session");
    const asked = () => stage.sidecar.asked.filter((one) => one.keys.get("session") === session);
    await until(() => asked().some((one) => one.stage === "quit"));
    assert.deepEqual(
      asked().map((one) => one.stage),
      ["connect", "mail", "rcpt", "message", "mail", "quit"],
    );
    assert.ok(
      open
        .log()
        .some((line) => line.includes("no usable answer at connect from [192.0.2.1], accept")),
    );
  });
};

testInNamespace(
  "eleven defects that an Exim configuration can have",
  import.meta.filename,
  define,
  ["exim"],
);
