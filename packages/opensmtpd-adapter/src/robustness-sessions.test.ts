import assert from "node:assert/strict";
import { refusal } from "@postern/smtp-filter";
import { Rig } from "./testing/rig.ts";
import { inVersions } from "./testing/versions.ts";

const told = (rig: Rig, ...words: readonly string[]) =>
  rig.calls.filter((call) => words.some((word) => call.startsWith(word)));

inVersions("case 10: EHLO, STARTTLS, EHLO with another name", async (d) => {
  const rig = new Rig();
  await rig.say(d.greeted("192.0.2.7:1", "first.example"));
  await rig.say(d.report("link-tls", "TLSv1.3:TLS_AES_256_GCM_SHA384:256"));
  await rig.say(d.ehlo("second.example"), d.mail());
  rig.loseEngine();
  rig.startEngine();
  await rig.say(d.report("link-tls", ""), d.mail());
  assert.deepEqual(rig.calls, [
    "open 192.0.2.7 1 network 198.51.100.25 25",
    "greet",
    "hello first.example",
    "secured TLSv1.3",
    "hello second.example",
    "mail ann@example.com",
    // To the new engine, nothing of the name that TLS has made void.
    "open 192.0.2.7 1 network 198.51.100.25 25",
    "greet",
    "secured null",
    "mail ann@example.com",
  ]);
});

inVersions("case 11: several mails in one session carry nothing over", async (d) => {
  const rig = new Rig({
    rcpt: async (to) =>
      to.startsWith("bad")
        ? { kind: "refuse", reply: refusal(550, null, "no") }
        : { kind: "continue" },
    end: async () =>
      rig.calls.filter((call) => call === "end").length === 2
        ? { kind: "refuse", reply: refusal(550, "5.7.1", "second") }
        : { kind: "deliver", edits: [] },
  });
  await rig.say(d.greeted(), d.auth("pass", "ann"));
  await rig.say(d.mail("1@x.example"), d.rcpt("one@example.org"), d.rolledBack());
  await rig.say(d.mail("2@x.example"), d.request("rcpt-to", "bad@example.org"));
  await rig.say(d.rcpt("two@example.org"), d.data("A: 2"), d.request("commit"), d.committed());
  await rig.say(d.mail("3@x.example"), d.rcpt("three@example.org"), d.data("A: 3"));
  await rig.say(d.request("commit"), d.rolledBack());
  await rig.say(d.mail(""), d.rcpt("four@example.org"), d.data("A: 4"), d.request("commit"));
  await rig.say(d.committed(), d.report("link-disconnect"));
  assert.deepEqual(told(rig, "open", "auth", "mail", "ended", "close"), [
    "open 192.0.2.7 40001 network 198.51.100.25 25",
    "authenticated ann",
    "mail 1@x.example",
    "ended aborted",
    "mail 2@x.example",
    "ended queued",
    "mail 3@x.example",
    "ended refused",
    "mail <>",
    "ended queued",
    "close quit",
  ]);
  assert.deepEqual(
    rig.answers().filter((answer) => answer.startsWith("commit")),
    ["commit proceed", "commit reject 550 5.7.1 second", "commit proceed"],
  );
});

inVersions("case 28: mail of the machine itself, and a bounce, pass untouched", async (d) => {
  const rig = new Rig({}, { onFailure: "tempfail" });
  await rig.say(d.greeted("unix:/var/run/smtpd.sock", "localhost"), d.mail(""), d.rcpt());
  const lines = ["Received: from mx", "\tby mx", "From: <>", "", "..bounce"];
  await rig.say(d.data(...lines), d.request("commit"), d.committed());
  assert.equal(rig.calls[0], "open null null local 198.51.100.25 25");
  assert.deepEqual(told(rig, "mail"), ["mail <>"]);
  // Nor is it asked to come back where the engine is gone.
  rig.loseEngine();
  await rig.say(d.mail(""), d.rcpt(), d.data(...lines), d.request("commit"), d.committed());
  const [first, second] = rig.smtpd.messages;
  assert.deepEqual(first?.lines, ["Received: from mx", "\tby mx", "From: <>", "", ".bounce"]);
  assert.deepEqual(second?.lines, first?.lines);
  assert.ok(rig.answers().every((answer) => answer.endsWith(" proceed")));
});

inVersions("case 29: behind a PROXY header the client is whom it names", async (d) => {
  const rig = new Rig();
  await rig.say(d.linkConnect("[2001:db8::1]:54321", "<unknown>", "fail", "127.0.0.1:34026"));
  await rig.say(d.connect("[2001:db8::1]", "<unknown>"));
  assert.equal(rig.calls[0], "open 2001:db8::1 54321 network 127.0.0.1 34026");
});

inVersions("case 30: where an earlier filter ends a phase, only reports come", async (d) => {
  const rig = new Rig();
  await rig.say(d.linkConnect(), d.report("link-identify", "EHLO", "only.reported.example"));
  await rig.say(d.report("tx-begin", d.messageId), d.txMail("reported@x.example"));
  await rig.say(d.txRcpt("also@example.org"));
  await rig.say(d.line("X-Spam: Yes"), d.line("Received: x"), d.line("Subject: y"), d.line(""));
  await rig.say(d.line("body"), d.line("."), d.request("commit"), d.committed());
  assert.deepEqual(rig.calls, [
    "open 192.0.2.7 40001 network 198.51.100.25 25",
    "greet",
    "hello only.reported.example",
    "mail reported@x.example",
    "rcpt also@example.org",
    "message",
    "header Subject: y",
    "body body\r\n",
    "end",
    "ended queued",
  ]);
  assert.deepEqual(rig.answers(), ["commit proceed"]);
});

inVersions("case 30: a sender that was rewritten after us is the one that counts", async (d) => {
  const rig = new Rig();
  await rig.say(d.greeted(), d.request("mail-from", "old@x.example"), d.txMail("new@x.example"));
  await rig.say(d.request("rcpt-to", "old@example.org"), d.txRcpt("new@example.org"));
  await rig.say(d.data("A: b"), d.request("commit"), d.committed());
  assert.deepEqual(told(rig, "mail", "rcpt", "outcome", "ended"), [
    "mail old@x.example",
    "ended aborted",
    "mail new@x.example",
    "rcpt old@example.org",
    "outcome old@example.org refused",
    "rcpt new@example.org",
    "ended queued",
  ]);
});

inVersions("case 30: a refusal that nothing asked for is told at the next request", async (d) => {
  const refuse = async () => ({ kind: "refuse", reply: refusal(550, "5.7.1", "no") }) as const;
  const byMail = new Rig({ mail: refuse });
  await byMail.say(d.greeted(), d.txMail("a@x.example"), d.request("rcpt-to", "b@example.org"));
  assert.equal(byMail.answers().at(-1), "rcpt-to reject 550 5.7.1 no");
  const byRcpt = new Rig({ rcpt: refuse });
  await byRcpt.say(d.greeted(), d.mail(), d.txRcpt("b@example.org"), d.request("data"));
  assert.equal(byRcpt.answers().at(-1), "data reject 550 5.7.1 no");
  const atCommit = new Rig({ mail: refuse });
  await atCommit.say(d.linkConnect(), d.txMail("a@x.example"), d.txRcpt("b@example.org"));
  await atCommit.say(d.line("A: b"), d.line("."), d.request("commit"));
  assert.equal(atCommit.answers().at(-1), "commit reject 550 5.7.1 no");
});
