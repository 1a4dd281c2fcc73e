import assert from "node:assert/strict";
import { test } from "node:test";
import { refusal } from "@postern/smtp-filter";
import { converse, LINES, PLAIN, PROCEEDING } from "./testing/converse.ts";
import { Dialogue } from "./testing/dialogue.ts";
import { Rig } from "./testing/rig.ts";

const never = (): Promise<never> => new Promise(() => {});
const LATER = "451 4.3.0 our filter has a problem, please try again later";

test("case 8: a verdict behind the deadline is dropped, and reported", async () => {
  const late = Promise.withResolvers<void>();
  const rig = new Rig({
    async rcpt() {
      await late.promise;
      return { kind: "refuse", reply: refusal(550, null, "too late") };
    },
  });
  const d = new Dialogue();
  await rig.say(d.greeted(), d.mail(), d.request("rcpt-to", "a@example.org"));
  await rig.wait(8_999);
  assert.equal(rig.answers().length, 3);
  await rig.wait(1);
  assert.equal(rig.answers().at(-1), "rcpt-to proceed");
  late.resolve();
  await rig.quiet();
  assert.equal(rig.answers().length, 4);
  assert.deepEqual(rig.events, [
    { kind: "deadline", what: "rcpt", deadlineMs: 9_000 },
    { kind: "late-answer" },
  ]);
});

test("case 9: a client that is gone while we owe an answer is let go at the deadline", async () => {
  const rig = new Rig({ mail: never });
  const d = new Dialogue();
  await rig.say(d.greeted(), d.request("mail-from", "a@example.com"));
  assert.equal(rig.translator.load.questions, 1);
  await rig.wait(9_000);
  await rig.say(d.report("link-disconnect"));
  assert.deepEqual(rig.translator.load, { sessions: 0, questions: 0, bytes: 0 });
  assert.equal(rig.calls.at(-1), "close lost");
});

test("case 23: the engine is down from the start", async () => {
  const rig = new Rig();
  rig.loseEngine();
  assert.deepEqual(await converse(rig, 0), PROCEEDING);
  assert.deepEqual(rig.calls, []);
});

test("case 23: the engine dies at every point of a conversation, and another one starts", async () => {
  const d = new Dialogue();
  const lines = [d.greeted(), d.mail(), d.rcpt(), d.data(...LINES), d.request("commit")].flat();
  for (let at = 0; at < lines.length; at += 1) {
    for (const onFailure of ["accept", "tempfail"] as const) {
      const rig = new Rig({}, { onFailure });
      for (const [i, line] of lines.entries()) {
        if (i === at) {
          rig.isEngineFrozen = true;
          rig.feed(`${line}\n`);
          rig.loseEngine();
          rig.startEngine();
        } else {
          await rig.say(line);
        }
      }
      assert.deepEqual(rig.smtpd.owed(), []);
      assert.deepEqual(rig.smtpd.messages[0]?.lines, PLAIN);
      if (onFailure === "accept") assert.deepEqual(rig.answers(), PROCEEDING);
      // The next message is judged again.
      await rig.say(d.committed(), d.mail("next@example.com"), d.rcpt(), d.data("A: b"));
      await rig.say(d.request("commit"), d.committed());
      assert.equal(rig.answers().at(-1), "commit proceed");
      assert.deepEqual(rig.calls.slice(-1), ["ended queued"]);
      assert.equal(rig.calls.filter((call) => call === "mail next@example.com").length, 1);
    }
  }
});

test("case 23: a slow engine is answered for at each deadline, and its verdicts are dropped", async () => {
  const rig = new Rig();
  rig.isEngineFrozen = true;
  assert.deepEqual(await converse(rig, 65_000), PROCEEDING);
  assert.deepEqual(
    rig.seen("deadline").map(({ what }) => what),
    ["greet", "hello", "mail"],
  );
});

test("case 23: what the engine wants said where it fails is kept for then", async () => {
  const rig = new Rig();
  rig.translator.answered({ kind: "ready", onFailure: "tempfail" });
  rig.loseEngine();
  const d = new Dialogue();
  await rig.say(d.linkConnect(), d.connect());
  assert.deepEqual(rig.answers(), [`connect disconnect ${LATER.replace("451", "421")}`]);
});

test("case 27: the time of day jumps while a request is open", async () => {
  const { now } = Date;
  const startTimer = (delayMs: number, fire: () => void) => {
    const timer = setTimeout(fire, delayMs).unref();
    return () => clearTimeout(timer);
  };
  const rig = new Rig({ hello: never }, { startTimer, commandDeadlineMs: 50 });
  const d = new Dialogue();
  try {
    for (const jumpMs of [86_400_000, -86_400_000]) {
      await rig.say(d.linkConnect(), d.connect(), d.request("ehlo", "a"));
      Date.now = () => now() + jumpMs;
      assert.equal(rig.answers().at(-1), "connect proceed");
      await new Promise((resolve) => setTimeout(resolve, 80));
      assert.equal(rig.answers().at(-1), "ehlo proceed");
      await rig.say(d.report("link-disconnect"));
      d.id = "00000000000000b2";
    }
  } finally {
    Date.now = now;
  }
});
