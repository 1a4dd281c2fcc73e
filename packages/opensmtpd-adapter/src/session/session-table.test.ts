import assert from "node:assert/strict";
import { test } from "node:test";
import { Dialogue } from "../testing/dialogue.ts";
import { Rig } from "../testing/rig.ts";

const HOUR_MS = 3_600_000;
const session = (number: number) => new Dialogue("0.7", `${1_000 + number}`.padStart(16, "0"));

test("sessions beyond the limit pass unseen, their messages as they come", async () => {
  const rig = new Rig({}, { maxSessions: 2 });
  const [a, b, c] = [session(1), session(2), session(3)];
  await rig.say(a.greeted(), b.greeted());
  const calls = rig.calls.length;
  await rig.say(c.greeted(), c.mail(), c.rcpt(), c.request("data"), c.line("A: b"), c.line(""));
  assert.equal(rig.out.at(-1), `filter-dataline|${c.id}|aaaa000000000009|`);
  await rig.say(c.line("..x"), c.line("y".repeat(65_500)), c.line("."), c.request("commit"));
  assert.equal(rig.calls.length, calls);
  assert.deepEqual(rig.smtpd.owed(), []);
  assert.deepEqual(rig.smtpd.messages[0]?.lines.slice(0, 3), ["A: b", "", ".x"]);
  assert.equal(rig.smtpd.messages[0]?.lines.slice(3).join("").length, 65_500);
  assert.deepEqual(rig.events, [{ kind: "over-limit", limit: 2 }]);
  // When one has ended there is room again.
  await rig.say(c.report("link-disconnect"), a.report("link-disconnect"), session(4).greeted());
  assert.equal(rig.calls.at(-1), "hello mail.example.com");
});

test("beyond the limit a site that defers lets nobody in but itself", async () => {
  const rig = new Rig({}, { maxSessions: 0, onFailure: "tempfail" });
  const [a, b] = [session(1), session(2)];
  await rig.say(a.linkConnect(), a.connect(), b.greeted("unix:/var/run/smtpd.sock"));
  assert.deepEqual(rig.answers(), [
    "connect disconnect 421 4.3.0 our filter has a problem, please try again later",
    "connect proceed",
    "ehlo proceed",
  ]);
});

test("a session that is silent for an hour is forgotten, one that sends is not", async () => {
  const rig = new Rig();
  const [silent, busy] = [session(1), session(2)];
  await rig.say(silent.greeted(), busy.greeted(), busy.mail(), busy.rcpt(), busy.request("data"));
  for (let passedMs = 0; passedMs < 1.5 * HOUR_MS; passedMs += HOUR_MS / 4) {
    await rig.wait(HOUR_MS / 4);
    await rig.say(busy.line("A: b"));
  }
  assert.equal(rig.translator.load.sessions, 1);
  assert.deepEqual(rig.seen("forgotten"), [{ kind: "forgotten", sessions: 1 }]);
  assert.ok(rig.calls.includes("close lost"));
  await rig.say(busy.line("."), busy.request("commit"));
  assert.equal(rig.answers().at(-1), "commit proceed");
  // What comes of the other after all, is answered.
  await rig.say(silent.request("mail-from", "a@example.com"));
  assert.equal(rig.answers().at(-1), "mail-from proceed");
});

test("an id that is used again at once is a session of its own, seen and answered to its end", async () => {
  const rig = new Rig();
  const [first, second] = [session(1), session(1)];
  await rig.say(first.greeted(), first.mail(), first.rcpt(), first.request("data"));
  await rig.say(first.line("A: first"), first.report("link-disconnect"));
  // A line that was on its way is nobody's any more.
  assert.deepEqual(await rig.say(first.line("late")), []);
  await rig.say(second.greeted(), second.mail(), second.rcpt(), second.data("A: second"));
  await rig.say(second.request("commit"), second.committed());
  assert.deepEqual(rig.smtpd.owed(), []);
  await rig.say(second.report("link-disconnect"));
  assert.deepEqual(
    rig.smtpd.messages.map(({ lines }) => lines),
    [["A: second"]],
  );
  assert.equal(rig.calls.filter((call) => call.startsWith("open ")).length, 2);
  assert.ok(rig.calls.includes("header A: second"));
  assert.deepEqual(rig.translator.load, { sessions: 0, questions: 0, bytes: 0 });
});

test("an id that is used again while the first is open keeps what is owed to it", async () => {
  const rig = new Rig({ greet: () => new Promise(() => {}) });
  const d = session(1);
  await rig.say(d.linkConnect(), d.connect(), d.linkConnect());
  await rig.wait(9_000);
  assert.deepEqual(rig.answers(), ["connect proceed"]);
});

test("a message of a session that was forgotten comes back all the same", async () => {
  const rig = new Rig();
  const d = session(1);
  await rig.say(d.greeted());
  for (let hours = 0; hours < 2; hours += 1) await rig.wait(HOUR_MS);
  assert.equal(rig.translator.load.sessions, 0);
  await rig.say(d.mail(), d.rcpt(), d.data("A: b", "", "..c"), d.request("commit"));
  assert.deepEqual(rig.smtpd.owed(), []);
  assert.deepEqual(rig.smtpd.messages[0]?.lines, ["A: b", "", ".c"]);
});
