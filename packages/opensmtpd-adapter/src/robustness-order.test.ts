import assert from "node:assert/strict";
import { test } from "node:test";
import { Dialogue } from "./testing/dialogue.ts";
import { Rig } from "./testing/rig.ts";
import { inVersions } from "./testing/versions.ts";

const never = (): Promise<never> => new Promise(() => {});
const told = (rig: Rig, ...words: readonly string[]) =>
  rig.calls.filter((call) => words.some((word) => call.startsWith(word)));

inVersions("case 3: tx-mail and tx-rcpt that failed leave nothing", async (d) => {
  const rig = new Rig();
  await rig.say(d.greeted(), d.request("mail-from", "a@x.example"));
  await rig.say(d.txMail("a@x.example", "permfail", "00000000"));
  assert.deepEqual(told(rig, "mail", "ended"), ["mail a@x.example", "ended aborted"]);
  await rig.say(d.txMail("", "tempfail", "00000000"), d.txRcpt('"q q"@x.example', "permfail"));
  await rig.say(d.mail("b@x.example"), d.request("rcpt-to", "no@example.org"));
  await rig.say(d.txRcpt("no@example.org", "permfail"), d.rcpt("yes@example.org"));
  await rig.say(d.data("Subject: x"), d.request("commit"), d.committed());
  assert.deepEqual(told(rig, "rcpt", "outcome", "ended"), [
    "ended aborted",
    "rcpt no@example.org",
    "outcome no@example.org refused",
    "rcpt yes@example.org",
    "outcome yes@example.org accepted",
    "ended queued",
  ]);
  assert.deepEqual(rig.events, []);
});

inVersions("case 4: tx-data behind the message, or not at all", async (d) => {
  const rig = new Rig();
  await rig.say(d.greeted(), d.mail(), d.rcpt(), d.request("data"));
  await rig.say(d.line("Subject: x"), d.line("."), d.report("tx-data", d.messageId, "ok"));
  await rig.say(d.request("commit"), d.committed(), d.mail(), d.rcpt(), d.request("data"));
  await rig.say(d.line("Subject: y"), d.line("."), d.request("commit"), d.committed());
  assert.deepEqual(
    rig.smtpd.messages.map(({ lines }) => lines),
    [["Subject: x"], ["Subject: y"]],
  );
  assert.deepEqual(told(rig, "ended"), ["ended queued", "ended queued"]);
});

inVersions(
  "case 5: disconnect while lines come, while a lookup lasts, while we send",
  async (d) => {
    const midway = new Rig();
    await midway.say(d.greeted(), d.mail(), d.rcpt(), d.request("data"), d.line("Subject: x"));
    const before = midway.out.length;
    await midway.say(d.rolledBack(), d.report("link-disconnect"), d.line("late"), d.line("."));
    assert.equal(midway.out.length, before);
    assert.deepEqual(told(midway, "ended", "close"), ["ended aborted", "close quit"]);

    const pending = new Rig({ rcpt: never });
    await pending.say(d.greeted(), d.mail(), d.request("rcpt-to", "a@example.org"));
    await pending.say(d.report("link-disconnect"));
    await pending.wait(100_000);
    assert.equal(pending.smtpd.answers.at(-1)?.phase, "mail-from");
    assert.deepEqual(told(pending, "ended", "close"), ["ended aborted", "close lost"]);

    const sending = new Rig();
    sending.isReading = false;
    const body = Array.from({ length: 20_000 }, () => "0123456789".repeat(7));
    await sending.say(d.greeted(), d.mail(), d.rcpt());
    sending.feed(`${d.data("Subject: x", "", ...body).join("\n")}\n`);
    await sending.quiet();
    const sent = sending.out.length;
    assert.ok(sent < 10_000);
    await sending.say(d.report("link-disconnect"));
    await sending.drain();
    assert.equal(sending.out.length, sent);

    for (const rig of [midway, pending, sending])
      assert.deepEqual(rig.translator.load, { sessions: 0, questions: 0, bytes: 0 });
  },
);

inVersions("case 6: a request of a session that nothing was said of is answered", async (d) => {
  for (const [phase, payload] of [
    ["connect", "mail.example.com|192.0.2.7"],
    ["ehlo", "mail.example.com"],
    ["mail-from", "a@example.com"],
    ["rcpt-to", "b@example.org"],
    ["data", ""],
    ["commit", ""],
    ["starttls", ""],
    ["rset", ""],
    ["new-phase", "what|ever"],
  ] as const) {
    const rig = new Rig();
    await rig.say(d.request(phase, payload));
    assert.deepEqual(rig.answers(), [`${phase} proceed`]);
    assert.deepEqual(rig.smtpd.owed(), []);
  }
  const rig = new Rig();
  await rig.say(d.line("Subject: x"), d.line("."));
  assert.deepEqual(rig.smtpd.messages[0]?.lines, ["Subject: x"]);
  assert.equal(rig.translator.load.sessions, 0);
});

inVersions("case 7: two requests at once are answered in their order, and reported", async (d) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const rig = new Rig({
    async hello() {
      await promise;
      return { kind: "continue" };
    },
  });
  await rig.say(d.linkConnect(), d.connect(), d.request("ehlo", "a"), d.request("mail-from", "b"));
  assert.deepEqual(rig.answers(), ["connect proceed"]);
  resolve();
  await rig.quiet();
  assert.deepEqual(rig.answers(), ["connect proceed", "ehlo proceed", "mail-from proceed"]);
  assert.deepEqual(rig.seen("out-of-order").length, 1);
});

inVersions(
  "case 7: a second stream of lines, of another token, goes back as it comes",
  async (d) => {
    const rig = new Rig();
    await rig.say(d.greeted(), d.mail(), d.rcpt(), d.request("data"), d.line("Subject: x"));
    const lines: string[] = [];
    rig.smtpd.heard = (line) => void lines.push(line);
    const other = (line: string) => d.request("data-line", line, "bbbb000000000009");
    await rig.say(other("Subject: x"), other("..dot"), other("."), d.line("."));
    assert.deepEqual(lines, [
      `filter-dataline|${d.id}|bbbb000000000009|Subject: x`,
      `filter-dataline|${d.id}|bbbb000000000009|..dot`,
      `filter-dataline|${d.id}|bbbb000000000009|.`,
      `filter-dataline|${d.id}|aaaa000000000009|Subject: x`,
      `filter-dataline|${d.id}|aaaa000000000009|.`,
    ]);
  },
);

test("case 21: config|ready in the same chunk as the first events", async () => {
  const d = new Dialogue();
  const rig = new Rig({}, { release: null });
  rig.feed(`config|ready\n${d.greeted().join("\n")}\n`);
  await rig.quiet();
  assert.deepEqual(rig.answers(), ["connect proceed", "ehlo proceed"]);
  assert.equal(rig.out.filter((line) => line === "register|ready").length, 1);
});
