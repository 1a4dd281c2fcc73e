import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSpoolFile } from "./spool/spool-file.ts";
import { Dialogue } from "./testing/dialogue.ts";
import { EDITS, pass, TOP } from "./testing/pass-message.ts";
import { Rig } from "./testing/rig.ts";

test("case 16: a thousand sessions that trickle", async () => {
  const rig = new Rig();
  const sessions = Array.from(
    { length: 1_000 },
    (_, i) => new Dialogue("0.7", String(i).padStart(16, "0")),
  );
  const each = (line: (d: Dialogue) => readonly string[]) =>
    rig.feed(`${sessions.flatMap((d) => line(d)).join("\n")}\n`);
  for (const step of [
    (d: Dialogue) => d.greeted(),
    (d: Dialogue) => d.mail(),
    (d: Dialogue) => d.rcpt(),
    (d: Dialogue) => [d.request("data")],
    ...Array.from({ length: 10 }, (_, i) => (d: Dialogue) => [d.line(`X: ${i} ${d.id}`)]),
    (d: Dialogue) => [d.line(".")],
    (d: Dialogue) => [d.request("commit")],
  ]) {
    each(step);
    await rig.quiet();
  }
  assert.deepEqual(rig.smtpd.owed(), []);
  assert.equal(rig.smtpd.messages.length, 1_000);
  for (const { session, lines } of rig.smtpd.messages)
    assert.deepEqual(
      lines,
      Array.from({ length: 10 }, (_, i) => `X: ${i} ${session}`),
    );
});

test("case 18: nobody reads for 60 s: memory is bounded, and no line is lost or changes place", async () => {
  const options = { memoryBytes: 4 << 20, messageMemoryBytes: 1 << 18 };
  const rig = new Rig({ end: async () => ({ kind: "deliver", edits: EDITS }) }, options);
  rig.isReading = false;
  const sessions = Array.from(
    { length: 20 },
    (_, i) => new Dialogue("0.7", `${10 + i}`.padStart(16, "0")),
  );
  for (const d of sessions) {
    await rig.say(d.greeted(), d.mail(), d.rcpt());
    const body = Array.from({ length: 10_000 }, (_, i) => `${i} ${d.id} ${"x".repeat(50)}`);
    rig.feed(`${d.data("A: b", "", ...body).join("\n")}\n`);
  }
  await rig.wait(60_000);
  assert.ok(rig.translator.load.bytes <= options.memoryBytes);
  const before = rig.out.length;
  assert.ok(before < 5_000);
  // Others are answered meanwhile.
  const other = new Dialogue("0.7", "00000000000000ff");
  await rig.say(other.linkConnect(), other.connect());
  assert.equal(rig.answers().at(-1), "connect proceed");
  await rig.drain();
  assert.equal(rig.smtpd.messages.length, 20);
  for (const { session, lines } of rig.smtpd.messages) {
    assert.equal(lines.length, TOP.length + 10_002);
    assert.ok(lines.slice(TOP.length + 2).every((line, i) => line.startsWith(`${i} ${session} `)));
  }
  for (const d of sessions)
    await rig.say(d.request("commit"), d.committed(), d.report("link-disconnect"));
  assert.equal(rig.translator.load.bytes, 0);
});

test("the spool file is nobody else's, has no name, and is closed with its message", async () => {
  const spoolFolder = await mkdtemp(join(tmpdir(), "postern-spool-test-"));
  try {
    const rig = new Rig({}, { spoolFolder, messageMemoryBytes: 0 });
    const d = new Dialogue();
    await rig.say(d.greeted(), d.mail(), d.rcpt(), d.request("data"));
    const lines = Array.from({ length: 5_000 }, (_, i) => `${i}: ${"x".repeat(60)}`);
    rig.feed(`${lines.map((line) => d.line(line)).join("\n")}\n`);
    assert.deepEqual(readdirSync(spoolFolder), []);
    await rig.say(d.line("."));
    assert.deepEqual(rig.smtpd.messages[0]?.lines, lines);
    assert.deepEqual(rig.events, []);
  } finally {
    await rm(spoolFolder, { recursive: true });
  }
});

test("a disk that is full or gone: memory helps as long as it lasts, then the message is refused", async () => {
  const lines = Array.from({ length: 30_000 }, (_, i) => `${i}: ${"x".repeat(60)}`);
  const full = () => ({
    ...openSpoolFile(tmpdir()),
    append(): never {
      throw new Error("ENOSPC");
    },
  });
  const gone = (): never => {
    throw new Error("EACCES");
  };
  for (const open of [full, gone]) {
    const enough = await pass(lines, [], { openSpoolFile: open });
    assert.deepEqual([enough.back, enough.commit], [lines, "commit proceed"]);
    assert.ok(enough.rig.seen("spool-error").length > 0);
    const little = await pass(lines, [], { openSpoolFile: open, memoryBytes: 1 << 19 });
    assert.equal(
      little.commit,
      "commit reject 452 4.3.1 insufficient system storage, please try again later",
    );
    assert.equal(little.rig.translator.load.bytes, 0);
  }
});

test("a spool that cannot be read again: the message is refused, and ends", async () => {
  const lines = Array.from({ length: 30_000 }, (_, i) => `${i}: ${"x".repeat(60)}`);
  for (const [isShown, messageMemoryBytes] of [
    [true, 1 << 20],
    [false, 1 << 20],
    [true, 0],
    [false, 0],
  ] as const) {
    const rig = new Rig(
      { body: () => "enough", end: async () => ({ kind: "deliver", edits: EDITS }) },
      {
        messageMemoryBytes,
        openSpoolFile: () => ({
          ...openSpoolFile(tmpdir()),
          read(): never {
            throw new Error("EIO");
          },
        }),
      },
    );
    const d = new Dialogue();
    await rig.say(d.greeted(), d.mail(), d.rcpt());
    const [first = "", ...rest] = isShown ? lines : ["", ...lines];
    rig.feed(`${d.data(first, ...rest).join("\n")}\n`);
    await rig.quiet();
    await rig.say(d.request("commit"));
    assert.match(rig.answers().at(-1) ?? "", /^commit reject 452 4\.3\.1 /);
    assert.deepEqual(rig.smtpd.owed(), []);
  }
});
