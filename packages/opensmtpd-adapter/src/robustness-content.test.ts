import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Edit } from "@postern/filter-core";
import { openSpoolFile } from "./spool/spool-file.ts";
import { Dialogue } from "./testing/dialogue.ts";
import { Rig, type RigOptions } from "./testing/rig.ts";
import { inVersions } from "./testing/versions.ts";

const EDITS: readonly Edit[] = [
  { kind: "remove", name: "Authentication-Results", ordinal: 2 },
  { kind: "insert", name: "X-Postern", value: "id=1" },
  { kind: "insert", name: "Authentication-Results", value: "mx.example.org;\n spf=pass" },
];
const TOP = ["Authentication-Results: mx.example.org;", " spf=pass", "X-Postern: id=1"];

/** One message, as lines without dot-stuffing; what came back, and what the port was told. */
async function pass(
  lines: readonly string[],
  edits: readonly Edit[] = EDITS,
  options: RigOptions = {},
): Promise<{ rig: Rig; back: readonly string[] | undefined; commit: string | undefined }> {
  const rig = new Rig({ end: async () => ({ kind: "deliver", edits }) }, options);
  const d = new Dialogue(options.release?.startsWith("6") === true ? "0.6" : "0.7");
  await rig.say(d.greeted(), d.mail(), d.rcpt());
  rig.feed(
    `${d.data(...lines.map((line) => (line.startsWith(".") ? `.${line}` : line))).join("\n")}\n`,
  );
  await rig.quiet();
  await rig.say(d.request("commit"), d.committed());
  assert.deepEqual(rig.smtpd.owed(), []);
  return { rig, back: rig.smtpd.messages[0]?.lines, commit: rig.answers().at(-1) };
}

const told = (rig: Rig, word: string) =>
  rig.calls
    .filter((call) => call.startsWith(`${word} `))
    .map((call) => call.slice(word.length + 1));

const RECEIVED = ["Received: from a", "\tby b"];
const shapes: readonly [string, readonly string[], readonly string[], string][] = [
  ["nothing but what smtpd wrote", RECEIVED, [], ""],
  ["nothing at all", [], [], ""],
  ["without a header", ["", "body"], [], "body\r\n"],
  ["without a body", ["A: b"], ["A: b"], ""],
  ["with an empty body", ["A: b", ""], ["A: b"], ""],
  ["an empty line first", ["", "", "x"], [], "\r\nx\r\n"],
  ["a body that looks like a header", ["", "A: b", "C: d"], [], "A: b\r\nC: d\r\n"],
  ["a fold first", [" x", "A: b", "", "c"], ["A: b"], "c\r\n"],
  [
    "lines that are no fields",
    ["From x", "A: b", "oops", " more", "C: d", "", "e"],
    ["A: b", "C: d"],
    "e\r\n",
  ],
  ["blanks before the colon", ["A : b", "C\t: d", "a b: c", ": d", ""], ["A : b", "C\t: d"], ""],
  ["folds", ["A:", " b", "\t", "C:d", ""], ["A:\n b\n\t", "C:d"], ""],
  ["8-bit names", ["\xe9: b", "A\x01: b", "C: \xff", ""], ["C: \xff"], ""],
  ["interior and trailing CR", ["A: b\rc\r", "", "d\re\r"], ["A: b\rc\r"], "d\re\r\r\n"],
  [
    "smtpd's own fields, then the same again",
    ["X-Spam: Yes", ...RECEIVED, "X-Spam: no", "Received: c", ""],
    ["X-Spam: no", "Received: c"],
    "",
  ],
  [
    "the client's own on top",
    ["A: b", "X-Spam: Yes", ...RECEIVED, ""],
    ["A: b", "X-Spam: Yes", "Received: from a\n\tby b"],
    "",
  ],
];
for (const [name, lines, fields, body] of shapes) {
  test(`case 12: a message ${name}`, async () => {
    const { rig, back } = await pass(lines);
    assert.deepEqual(told(rig, "header"), fields);
    assert.equal(told(rig, "body").join(""), body);
    assert.deepEqual(back, [...TOP, ...lines]);
    assert.deepEqual((await pass(lines, [])).back, lines);
  });
}

test("case 12: a field longer than 64 KiB, of one line and of many", async () => {
  const long = `A: ${"x".repeat(64_000)}`;
  const folds = Array.from({ length: 3_000 }, (_, i) => ` ${"y".repeat(70)}${i}`);
  const { rig, back } = await pass([long, "B: c", ...folds, "C: d", "", "e"]);
  assert.deepEqual(back, [...TOP, long, "B: c", ...folds, "C: d", "", "e"]);
  assert.deepEqual(told(rig, "header"), [long, ["B: c", ...folds].join("\n"), "C: d"]);
  const huge = Array.from({ length: 20_000 }, () => ` ${"z".repeat(70)}`);
  const { rig: cut } = await pass(["A: b", ...huge, "C: d", ""]);
  assert.deepEqual(
    told(cut, "header").map(({ length }) => length),
    [262_144 + 1, 4],
  );
});

test("case 12: 10,000 fields, 1,000 of them forged", async () => {
  const lines = Array.from({ length: 10_000 }, (_, i) =>
    i % 10 === 0 ? `Authentication-results: mx.example.org; n=${i}` : `X-Field: ${i}`,
  );
  const edits: Edit[] = Array.from({ length: 1_000 }, (_, i) => ({
    kind: "remove",
    name: "Authentication-Results",
    ordinal: 1_000 - i,
  }));
  const { rig, back } = await pass([...lines, "", "x"], edits);
  assert.equal(told(rig, "header").length, 10_000);
  assert.deepEqual(back, [...lines.filter((line) => line.startsWith("X-")), "", "x"]);
});

test("removals count by name alone, folds go with their field, the body is left alone", async () => {
  const { back } = await pass(
    [
      "X-Spam: Yes",
      ...RECEIVED,
      "AUTHENTICATION-RESULTS: 1",
      "authentication-results : 2",
      "\tmore",
      "B: c",
      "",
      "Authentication-Results: 3",
    ],
    [
      { kind: "remove", name: "authentication-results", ordinal: 2 },
      { kind: "remove", name: "X-Spam", ordinal: 1 },
      { kind: "remove", name: "Received", ordinal: 1 },
    ],
  );
  assert.deepEqual(back, [
    "X-Spam: Yes",
    ...RECEIVED,
    "AUTHENTICATION-RESULTS: 1",
    "B: c",
    "",
    "Authentication-Results: 3",
  ]);
});

inVersions("case 13: lines of dots, and a header line that begins with one", async (d) => {
  const rig = new Rig();
  await rig.say(d.greeted(), d.mail(), d.rcpt());
  await rig.say(d.data("..x: y", "...", "..", "....", "..a", "", "..", "...", "..a", "..."));
  assert.deepEqual(rig.smtpd.messages[0]?.lines, [
    ".x: y",
    "..",
    ".",
    "...",
    ".a",
    "",
    ".",
    "..",
    ".a",
    "..",
  ]);
  assert.deepEqual(told(rig, "body"), [".\r\n..\r\n.a\r\n..\r\n"]);
  assert.deepEqual(told(rig, "header"), [".x: y"]);
});

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

test("case 25: a junk verdict at the end of the message is a header, and one is enough", async () => {
  const edits: readonly Edit[] = [{ kind: "insert", name: "X-Spam", value: "yes" }];
  const plain = await pass([...RECEIVED, "A: b", ""], edits);
  assert.deepEqual(plain.back, ["X-Spam: yes", ...RECEIVED, "A: b", ""]);
  const marked = await pass(["X-Spam: Yes", ...RECEIVED, "A: b", ""], edits);
  assert.deepEqual(marked.back, ["X-Spam: Yes", ...RECEIVED, "A: b", ""]);
  for (const { commit } of [plain, marked]) assert.equal(commit, "commit proceed");
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
  for (const isShown of [true, false]) {
    const rig = new Rig(
      { body: () => "enough", end: async () => ({ kind: "deliver", edits: EDITS }) },
      {
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
