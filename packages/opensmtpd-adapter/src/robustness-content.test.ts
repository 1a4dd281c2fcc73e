import assert from "node:assert/strict";
import { test } from "node:test";
import type { Edit } from "@postern/smtp-filter";
import { pass, TOP, told } from "./testing/pass-message.ts";
import { Rig } from "./testing/rig.ts";
import { inVersions } from "./testing/versions.ts";

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

test("case 25: a junk verdict at the end of the message is a header, and one is enough", async () => {
  const edits: readonly Edit[] = [
    { kind: "insert", name: "X-Spam-Flag", value: "YES" },
    { kind: "insert", name: "X-Spam", value: "yes" },
  ];
  const plain = await pass([...RECEIVED, "A: b", ""], edits);
  const flag = "X-Spam-Flag: YES";
  assert.deepEqual(plain.back, ["X-Spam: yes", flag, ...RECEIVED, "A: b", ""]);
  const marked = await pass(["X-Spam: Yes", ...RECEIVED, "A: b", ""], edits);
  assert.deepEqual(marked.back, [flag, "X-Spam: Yes", ...RECEIVED, "A: b", ""]);
  for (const { commit } of [plain, marked]) assert.equal(commit, "commit proceed");
});
