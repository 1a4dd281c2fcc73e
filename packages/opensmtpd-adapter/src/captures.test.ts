import assert from "node:assert/strict";
import { test } from "node:test";
import { refusal } from "@postern/smtp-filter";
import { captures, golden, type Recorded } from "../test-support/captures.ts";
import { Rig } from "./testing/rig.ts";
import { StrictSmtpd } from "./testing/strict-smtpd.ts";
import { decodeLine } from "./wire/decode.ts";
import { REGISTER_BLOCK } from "./wire/encode.ts";

const all = captures();
const REFUSED = refusal(550, "5.1.1", "no|body here");

test("captures: all 15 sessions are there", () => {
  assert.equal(all.size, 15);
  for (const [name, lines] of all) assert.ok(lines.length >= 5, name);
});

const ofSmtpd = (lines: readonly Recorded[]) =>
  lines.filter(({ from }) => from === "smtpd").map(({ line }) => line);

/** The field of a line, counted from 0. */
const field = (line: string, at: number) => line.split("|")[at] ?? "";
const isRequest = (line: string) => line.startsWith("filter|") && field(line, 4) !== "data-line";
const payloads = (lines: readonly string[]) =>
  lines
    .filter((line) => line.startsWith("filter|") && field(line, 4) === "data-line")
    .map((line) => line.split("|").slice(7).join("|"));

for (const [name, recorded] of all) {
  const lines = ofSmtpd(recorded);

  test(`capture ${name}: every line is read, every request answered, every message comes back`, async () => {
    const rig = new Rig({}, { release: null });
    await rig.say(lines);
    assert.deepEqual(rig.events, []);
    assert.deepEqual(rig.smtpd.owed(), []);
    assert.equal(rig.smtpd.answers.length, lines.filter(isRequest).length);
    assert.ok(rig.smtpd.answers.every(({ result }) => result === "proceed"));
    const sent = rig.out.filter((line) => line.startsWith("filter-dataline|"));
    const whole = payloads(lines);
    // What had no final dot has no verdict, and nobody reads it.
    const complete = whole.slice(0, whole.lastIndexOf(".") + 1);
    assert.deepEqual(
      sent.map((line) => line.split("|").slice(3).join("|")),
      complete,
    );
    for (const line of lines)
      assert.notEqual(decodeLine(line).kind, "unreadable", JSON.stringify(line));
    assert.equal(rig.translator.load.questions, 0);
    assert.equal(rig.translator.load.bytes, 0);
    const closes = lines.filter((line) => field(line, 4) === "link-disconnect").length;
    const opens = rig.calls.filter((call) => call.startsWith("open")).length;
    if (closes > 0 && opens > 0)
      assert.equal(rig.calls.filter((call) => call.startsWith("close")).length, closes);
    const count = (event: string) =>
      lines.filter((line) => field(line, 3) === "smtp-in" && field(line, 4) === event).length;
    const ended = (how: string) => rig.calls.filter((call) => call === `ended ${how}`).length;
    assert.equal(ended("queued"), count("tx-commit"));
    assert.equal(ended("aborted"), count("tx-rollback"));
  });

  test(`capture ${name}: the oracle of these tests finds no fault with the recorded filter`, () => {
    const smtpd = new StrictSmtpd("6.8.0p2");
    for (const line of REGISTER_BLOCK.split("\n").slice(0, -1)) smtpd.heard(line);
    for (const { from, line } of recorded) {
      if (from === "smtpd") smtpd.told(line);
      else if (!line.startsWith("register|")) {
        // It echoes as it goes, dot and all.
        smtpd.heard(line);
      }
    }
    assert.deepEqual(smtpd.owed(), []);
  });
}

test("captures: what is told of the clients", async () => {
  const opened = async (name: string) => {
    const rig = new Rig({}, { release: null });
    await rig.say(ofSmtpd(all.get(name) ?? []));
    return rig.calls.filter((call) => /^(?:open|hello|mail|rcpt|outcome) /.test(call));
  };
  assert.deepEqual(await opened("proxy-p2v6"), [
    "open 2001:db8::1 54321 network 127.0.0.1 34026",
    "hello client.example.com",
    "mail alice@example.org",
    "rcpt one@example.net",
    "outcome one@example.net accepted",
  ]);
  assert.match((await opened("proxy-p2v4"))[0] ?? "", /^open 192\.0\.2\.1 54321 network /);
  assert.match((await opened("src-192.0.2.1"))[0] ?? "", /^open 192\.0\.2\.1 \d+ network /);
  assert.ok((await opened("b-two-rcpt-two-msg")).includes("mail <>"));
  assert.ok((await opened("g-errors")).includes("hello old.example.com"));
});

for (const name of ["dialogue-0.5.txt", "dialogue-0.6.txt", "dialogue-0.7.txt"]) {
  test(`golden: ${name}`, async () => {
    const lines = golden(name);
    const rig = new Rig(
      {
        rcpt: async (to) =>
          to.startsWith("no|") ? { kind: "refuse", reply: REFUSED } : { kind: "continue" },
        end: async () => ({
          kind: "deliver",
          edits: [
            { kind: "remove", name: "Authentication-Results", ordinal: 1 },
            {
              kind: "insert",
              name: "Authentication-Results",
              value: "mx.example.org;\n\tspf=pass smtp.mailfrom=good.example",
            },
          ],
        }),
      },
      { release: null },
    );
    let answered = 0;
    for (const { from, line } of lines) {
      if (from === "smtpd") await rig.say(line);
      else {
        assert.equal(rig.out[answered], line);
        answered += 1;
      }
    }
    assert.equal(rig.out.length, answered);
  });
}
