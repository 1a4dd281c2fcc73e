import assert from "node:assert/strict";
import { test } from "node:test";
import { Dialogue } from "./testing/dialogue.ts";
import { EDITS, pass, TOP, told } from "./testing/pass-message.ts";
import { Rig } from "./testing/rig.ts";

for (const [release, maxPayload] of [
  ["6.8.0p2", 1_939],
  ["7.3.0", 1_939],
  ["7.4.0p1", 64_949],
  ["7.8.0", 64_949],
] as const) {
  for (const length of [
    0, 1, 998, 1_939, 1_940, 1_990, 1_997, 1_998, 64_949, 64_950, 65_000, 65_533,
  ]) {
    test(`case 14: a line of ${length} bytes, smtpd ${release}`, async () => {
      const dots = length > 0 ? `.${"x.".repeat(length)}`.slice(0, length - 1) : "";
      for (const lines of [
        ["A: b", "", dots, "z"],
        [`A: ${dots}`.slice(0, length), "", "z"],
      ]) {
        const isLong = lines.some(
          (line) => line.length + (line.startsWith(".") ? 1 : 0) > maxPayload,
        );
        const { rig, back, commit } = await pass(lines, EDITS, { release });
        assert.equal(commit, isLong ? "commit reject 550 5.6.0 Line too long" : "commit proceed");
        if (!isLong) assert.deepEqual(back, [...TOP, ...lines]);
        assert.equal(rig.seen("message-limit").length, isLong ? 1 : 0);
        // The port saw it whole.
        if (lines[0] === "A: b") assert.equal(told(rig, "body").join(""), `${dots}\r\nz\r\n`);
        const wrapped = await pass(lines, EDITS, { release, longLines: "wrap" });
        assert.equal(wrapped.commit, "commit proceed");
        const isInHeader = lines[0] !== "A: b";
        if (!isInHeader) assert.equal((wrapped.back ?? []).join(""), [...TOP, ...lines].join(""));
        else assert.ok((wrapped.back ?? []).slice(4, -2).every((line) => line.startsWith(" ")));
      }
    });
  }
}

test("case 14: a line that does not come whole is refused, and what smtpd sends is answered", async () => {
  const { commit, rig } = await pass(["A: b", "", "x".repeat(140_000), "z"]);
  assert.equal(commit, "commit reject 550 5.6.0 Line too long");
  assert.equal(rig.seen("line-cut").length, 1);
  const d = new Dialogue();
  await rig.say(d.mail(), d.request("rcpt-to", "y".repeat(140_000)));
  assert.equal(rig.answers().at(-1), "rcpt-to proceed");
});

test("case 16: millions of empty lines: a million are held, the message is refused", async () => {
  const rig = new Rig();
  const d = new Dialogue();
  await rig.say(d.greeted(), d.mail(), d.rcpt(), d.request("data"));
  const lines = Buffer.from(`${d.line("")}\n`.repeat(1_000), "latin1");
  rig.smtpd.told = () => {};
  for (let i = 0; i < 3_000; i += 1) rig.feed(lines);
  rig.smtpd.told = Object.getPrototypeOf(rig.smtpd).told;
  assert.ok(rig.translator.load.bytes <= 1 << 21);
  await rig.say(d.line("."), d.request("commit"));
  assert.equal(rig.answers().at(-1), "commit reject 552 5.3.4 message has too many lines");
  assert.equal(rig.seen("message-limit").length, 1);
});

test("case 16: 36 MB in lines of 64 KiB come back as they were, from the file too", async () => {
  const rig = new Rig();
  const d = new Dialogue();
  await rig.say(d.greeted(), d.mail(), d.rcpt(), d.request("data"), d.line("A: b"), d.line(""));
  const count = 560;
  for (let i = 0; i < count; i += 1) {
    rig.feed(`${d.line(String(i % 10).repeat(64_900))}\n`);
    if (i % 16 === 0) await rig.quiet();
  }
  assert.ok(rig.translator.load.bytes <= 1 << 21);
  await rig.say(d.line("."));
  const lines = rig.smtpd.messages[0]?.lines ?? [];
  assert.equal(lines.length, count + 2);
  for (const [i, line] of lines.slice(2).entries())
    assert.ok(line === String(i % 10).repeat(64_900), `line ${i}`);
  const body = told(rig, "body").join("");
  assert.equal(body.length, count * 64_902);
});
