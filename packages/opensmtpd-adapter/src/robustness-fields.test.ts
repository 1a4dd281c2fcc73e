import assert from "node:assert/strict";
import { test } from "node:test";
import { refusal } from "@postern/smtp-filter";
import { Dialogue } from "./testing/dialogue.ts";
import { Rig } from "./testing/rig.ts";
import { inVersions } from "./testing/versions.ts";

const told = (rig: Rig, ...words: readonly string[]) =>
  rig.calls.filter((call) => words.some((word) => call.startsWith(word)));

inVersions("case 1: a bar in MAIL FROM, RCPT TO, a line and a reply stays", async (d) => {
  const rig = new Rig({
    rcpt: async (to) =>
      to === "x|y@example.org"
        ? { kind: "refuse", reply: refusal(550, "5.1.1", "no x|y here") }
        : { kind: "continue" },
  });
  await rig.say(d.greeted(), d.mail("win|big|@bad.example"));
  await rig.say(d.rcpt("a|b@example.org"), d.request("rcpt-to", "x|y@example.org"));
  await rig.say(d.data("Subject: a|b", "", "|", "a||b|"), d.request("commit"), d.committed());
  assert.deepEqual(told(rig, "mail", "rcpt", "outcome", "header", "body"), [
    "mail win|big|@bad.example",
    "rcpt a|b@example.org",
    "outcome a|b@example.org accepted",
    "rcpt x|y@example.org",
    "header Subject: a|b",
    "body |\r\na||b|\r\n",
  ]);
  assert.ok(rig.answers().includes("rcpt-to reject 550 5.1.1 no x|y here"));
  assert.deepEqual(rig.smtpd.messages[0]?.lines, ["Subject: a|b", "", "|", "a||b|"]);
});

inVersions("case 2: a bar in a login name is part of it, and the result is not", async (d) => {
  const rig = new Rig();
  await rig.say(d.greeted(), d.auth("fail", "us|er|pass"), d.auth("pass", "us|er|fail"));
  assert.deepEqual(told(rig, "authenticated"), ["authenticated us|er|fail"]);
});

inVersions("case 15: any byte in any field", async (d) => {
  for (let byte = 1; byte <= 0xff; byte += 1) {
    if (byte === 0x0a) continue;
    const odd = `x${String.fromCharCode(byte)}y`;
    const rig = new Rig();
    await rig.say(d.linkConnect("192.0.2.7:1", odd, odd), d.connect(), d.ehlo(odd));
    await rig.say(d.report("link-greeting", odd), d.report("link-tls", odd), d.auth("pass", odd));
    await rig.say(d.report("protocol-client", odd), d.report("nonsense", odd), d.mail(odd));
    await rig.say(d.rcpt(odd), d.data(`Subject: ${odd}`, "", odd, `${odd}\r`));
    await rig.say(d.request("commit"), d.committed(), d.report("link-disconnect"));
    assert.deepEqual(rig.smtpd.messages[0]?.lines, [`Subject: ${odd}`, "", odd, `${odd}\r`]);
    assert.deepEqual(told(rig, "hello", "mail"), [`hello ${odd}`, `mail ${odd}`]);
    assert.deepEqual(told(rig, "body"), [`body ${odd}\r\n${odd}\r\r\n`]);
    assert.deepEqual([rig.smtpd.owed(), rig.events], [[], []]);
  }
});

for (const [source, connect, told, destination = "198.51.100.25:25"] of [
  ["192.0.2.7:40001", "192.0.2.7", "192.0.2.7 40001 network 198.51.100.25 25"],
  ["[2001:db8::25]:40000", "[2001:db8::25]", "2001:db8::25 40000 network 198.51.100.25 25"],
  ["[2001:DB8:0::25]:1", "[2001:db8::25]", "2001:db8::25 1 network 198.51.100.25 25"],
  ["[::ffff:192.0.2.7]:5", "192.0.2.7", "192.0.2.7 5 network 198.51.100.25 25"],
  ["[fe80::1%eth0]:9", "[fe80::1%eth0]", "fe80::1 9 network 2001:db8::1 587", "[2001:db8::1]:587"],
  ["unix:/var/run/smtpd.sock", "local", "null null local null null", "unix:/var/run/smtpd.sock"],
  ["127.0.0.1:50000", "127.0.0.1", "127.0.0.1 50000 network 198.51.100.25 25"],
  ["<unknown>", "<unknown>", "null null network 198.51.100.25 25"],
  ["", "", "null null network null null", ""],
] as const) {
  for (const reverseName of ["<unknown>", "", "a|b c|pass", "mail.example.com"]) {
    test(`case 19: source ${source}, reverse name ${reverseName}`, async () => {
      const rig = new Rig();
      const d = new Dialogue("0.7");
      await rig.say(d.linkConnect(source, reverseName, "fail", destination));
      await rig.say(d.connect(connect, reverseName));
      assert.deepEqual(rig.calls, [`open ${told}`, "greet"]);
      assert.deepEqual(rig.answers(), ["connect proceed"]);
    });
  }
}

test("case 20: keys of the handshake that are missing, unknown or odd", async () => {
  const rig = new Rig({}, { release: null });
  rig.feed("config|new-key|x|y\nconfig\nconfig|\nconfig|ready\nconfig|admd|late\n");
  assert.ok(rig.smtpd.isReady);
  const d = new Dialogue("0.6");
  await rig.say(d.greeted());
  assert.deepEqual(rig.answers(), ["connect proceed", "ehlo proceed"]);
  assert.deepEqual(rig.events, []);
});

for (const version of ["0.8", "0.10", "1.0", "2.1.3", "", "x", "99999999999999999999.1"]) {
  test(`case 20: version ${JSON.stringify(version)} is taken for a later one`, async () => {
    const rig = new Rig();
    const d = new Dialogue(version);
    await rig.say(d.greeted(), d.mail("a|ok|b@example.com"), d.rcpt("c@example.org"));
    await rig.say(d.report("link-auth", "pass", "us|er", "new field"));
    await rig.say(d.data("Subject: x", ""), d.request("commit"), d.committed());
    assert.deepEqual(told(rig, "mail", "outcome", "auth"), [
      "mail a|ok|b@example.com",
      "outcome c@example.org accepted",
      "authenticated us|er|new field",
    ]);
    assert.deepEqual(rig.smtpd.owed(), []);
  });
}

test("case 20: a version before 0.5 is reported once, and answered in its own order", () => {
  for (const version of ["0.4", "0.1"]) {
    const lines: string[] = [];
    const rig = new Rig();
    rig.smtpd.heard = (line) => void lines.push(line);
    const d = new Dialogue(version);
    rig.loseEngine();
    rig.feed(`${d.linkConnect()}\n${d.connect()}\n${d.line("a")}\n${d.line(".")}\n`);
    assert.deepEqual(lines, [
      "filter-result|aaaa000000000000|00000000000000a1|proceed",
      "filter-dataline|aaaa000000000009|00000000000000a1|a",
      "filter-dataline|aaaa000000000009|00000000000000a1|.",
    ]);
    assert.deepEqual(rig.events, [{ kind: "old-protocol", version }]);
  }
});

test("case 20: lines that are none are reported with their bytes, and ignored", async () => {
  const rig = new Rig();
  for (const line of ["", "|", "nonsense", "report", "report|0.7|1|smtp-in|timeout", "filter|0.7"])
    await rig.say(line);
  await rig.say("filter|0.7|1.0|smtp-in|connect|00000000000000a1|");
  assert.deepEqual(rig.seen("unreadable-line").length, 7);
  assert.equal(rig.seen("unreadable-line")[2]?.firstBytesHex, "6e6f6e73656e7365");
});
