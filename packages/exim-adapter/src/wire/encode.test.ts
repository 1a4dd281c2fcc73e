import assert from "node:assert/strict";
import { test } from "node:test";
import { type Edit, type Final, type Reply, refusal } from "@postern/smtp-filter";
import fc from "fast-check";
import { encodeLine } from "./encode-line.ts";
import { encodeMessage } from "./encode-message.ts";
import { messageVerdict } from "./message-verdict.ts";
import { type Stage, verdictOf } from "./verdict.ts";

const refuse = (code: number, text: string) =>
  ({ kind: "refuse", reply: refusal(code, null, text) }) as const;

for (const { stage, answer, text } of [
  { stage: "connect", answer: { kind: "continue" } as const, text: 'v=1 a=accept m="" z=1\n' },
  { stage: "connect", answer: refuse(550, "no"), text: 'v=1 a=reply m="550 no" z=1\n' },
  { stage: "connect", answer: refuse(421, "no"), text: 'v=1 a=close m="421 no" z=1\n' },
  { stage: "helo", answer: refuse(521, "no"), text: 'v=1 a=close m="521 no" z=1\n' },
  { stage: "mail", answer: refuse(421, "no"), text: 'v=1 a=reply m="451 no" z=1\n' },
  {
    stage: "mail",
    answer: { ...refuse(421, "no"), ends: "session" },
    text: 'v=1 a=close m="421 no" z=1\n',
  },
  { stage: "rcpt", answer: refuse(521, "no"), text: 'v=1 a=reply m="550 no" z=1\n' },
  {
    stage: "rcpt",
    answer: refuse(550, 'say "a\\b" $x $h_from:'),
    text: 'v=1 a=reply m="550 say \\"a\\\\b\\" $x $h_from:" z=1\n',
  },
  {
    stage: "rcpt",
    answer: { kind: "refuse", reply: { code: 250, enhanced: null, text: "ok" } as Reply } as const,
    text: 'v=1 a=reply m="451 4.3.0 our filter has a problem, please try again later" z=1\n',
  },
] satisfies { stage: Stage; answer: Parameters<typeof verdictOf>[1]; text: string }[]) {
  test(`encodeLine: ${text.trim()} at ${stage}`, () =>
    assert.equal(encodeLine(verdictOf(stage, answer)), text));
}

/** How Exim's extract reads a quoted value. */
function extracted(answer: string, key: string): string | undefined {
  const quoted = new RegExp(` ${key}="((?:[^"\\\\]|\\\\.)*)"`).exec(answer)?.[1];
  return quoted?.replace(/\\(.)/g, "$1");
}

test("encodeLine: any reply is one printable line under 1,024 bytes, and reads back", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 400, max: 599 }),
      fc.string({ unit: "binary", maxLength: 900 }),
      (code, text) => {
        const answer = encodeLine(verdictOf("rcpt", refuse(code, text)));
        assert.match(answer, /^v=1 [\x20-\x7e]* z=1\n$/);
        assert.ok(answer.length < 1024);
        const told = refusal(code, null, text).text;
        assert.equal(extracted(answer, "m")?.slice(4), told);
      },
    ),
    {
      examples: [
        [550, '"'.repeat(900)],
        [550, "\\".repeat(900)],
      ],
    },
  );
});

const ours: readonly Edit[] = [
  { kind: "remove", name: "Authentication-Results", ordinal: 2 },
  { kind: "remove", name: "X-Postern", ordinal: 1 },
  { kind: "insert", name: "X-Postern", value: "id=1" },
  { kind: "insert", name: "Authentication-Results", value: "mx.y.test;\n\tspf=pass" },
];
const deliver = (edits: readonly Edit[]): Final => ({ kind: "deliver", edits });
const verdict = (edits: readonly Edit[], putBack: readonly string[] = []) =>
  messageVerdict(
    deliver(edits),
    () => putBack,
    () => {},
  );

test("encodeMessage: SpamAssassin's dialect, byte for byte", () => {
  const { text } = encodeMessage(
    "spamd",
    verdict(ours, ["Authentication-Results: other; spf=fail"]),
  );
  const header = Buffer.from(
    "Authentication-Results: mx.y.test;\n\tspf=pass\nX-Postern: id=1\nAuthentication-Results: other; spf=fail\n",
  ).toString("base64");
  const report = `0.0/1.0\r\npostern: v=1 a=accept d="Authentication-Results:X-Postern" h="${header}" m="" z=1\r\n`;
  assert.equal(text, `SPAMD/1.1 0 EX_OK\r\nContent-length: ${report.length}\r\n\r\n${report}`);
});

test("encodeMessage: Rspamd's dialect, byte for byte", () => {
  const { text } = encodeMessage(
    "rspamd",
    verdict(ours, ["Authentication-Results: other;\n spf=fail"]),
  );
  assert.equal(
    text,
    [
      "RSPAMD/1.3 0 EX_OK",
      "Metric: default; False; 0.00 / 6.00 / 10.00",
      "Action: no action",
      "X-Milter-Del: Authentication-Results",
      "X-Milter-Del: X-Postern",
      "X-Milter-Add: Authentication-Results: other; spf=fail",
      "X-Milter-Add: X-Postern: id=1",
      "X-Milter-Add: Authentication-Results: mx.y.test; spf=pass",
      "",
    ].join("\r\n"),
  );
});

for (const { name, final, metric, action, score } of [
  { name: "accept", final: deliver([]), metric: "False; 0.00", action: "no action", score: "0.0" },
  {
    name: "junk",
    final: deliver([{ kind: "insert", name: "X-Spam", value: "yes" }]),
    ...{ metric: "True; 6.00", action: "add header", score: "1.0" },
  },
  {
    name: "tempfail",
    final: refuse(421, "later"),
    metric: "False; 0.00",
    action: "soft reject",
    score: "1.0",
  },
  {
    name: "reject",
    final: refuse(550, "no"),
    metric: "True; 10.00",
    action: "reject",
    score: "1.0",
  },
] satisfies { name: string; final: Final; metric: string; action: string; score: string }[]) {
  test(`encodeMessage: ${name}`, () => {
    const told = messageVerdict(
      final,
      () => [],
      () => {},
    );
    const rspamd = encodeMessage("rspamd", told).text;
    assert.ok(
      rspamd.includes(`\r\nMetric: default; ${metric} / 6.00 / 10.00\r\nAction: ${action}\r\n`),
    );
    assert.ok(encodeMessage("spamd", told).text.includes(`\r\n\r\n${score}/1.0\r\n`));
    if (final.kind === "refuse") assert.match(rspamd, /X-Postern-Reply: (451 later|550 no)\r\n$/);
  });
}

test("messageVerdict: a name that is none is dropped, and told", () => {
  const dropped: string[] = [];
  const told = messageVerdict(
    deliver([
      { kind: "insert", name: 'X"y', value: "1" },
      { kind: "insert", name: "X:y", value: "1" },
      { kind: "remove", name: "a b", ordinal: 1 },
    ]),
    () => [],
    (name) => dropped.push(name),
  );
  assert.deepEqual(dropped, ['X"y', "X:y", "a b"]);
  assert.ok(told.kind === "accept" && told.added.length === 0 && told.removed.length === 0);
});

test("messageVerdict: a value cannot become another field, nor end the header", () => {
  const { text } = encodeMessage(
    "spamd",
    verdict([{ kind: "insert", name: "X-H", value: "a\r\nX-Forged: 1\n\n\0b\rc\n" }]),
  );
  const header = Buffer.from(extracted(text, "h") ?? "", "base64").toString("latin1");
  assert.equal(header, "X-H: a\n X-Forged: 1\n b\n c\n");
});

test("encodeMessage: any edits give printable ASCII under 8 KB and 100 lines, whole", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 3000 }),
    fc.constantFrom("x".repeat(9000), "a\n b\n".repeat(200)),
  );
  const name = fc.oneof(
    fc.constantFrom("X-Postern", "X-Spam", "Authentication-Results"),
    fc.string({ maxLength: 220 }),
  );
  const edit = fc.oneof(
    fc.record({ kind: fc.constant("insert" as const), name, value: text }),
    fc.record({
      kind: fc.constant("remove" as const),
      name,
      ordinal: fc.integer({ min: 1, max: 9 }),
    }),
  );
  fc.assert(
    fc.property(
      fc.array(edit, { maxLength: 150 }),
      fc.array(text, { maxLength: 120 }),
      fc.constantFrom("spamd" as const, "rspamd" as const),
      (edits, putBack, dialect) => {
        const told = verdict(edits, putBack);
        const { text: answer, lost, unsaid } = encodeMessage(dialect, told);
        assert.ok(answer.length < 8192, `${answer.length} bytes`);
        assert.ok(answer.split("\n").length < 100);
        assert.match(answer, /^[\x20-\x7e\r\n]*$/);
        assert.ok(lost <= putBack.length && told.kind === "accept" && unsaid <= told.added.length);
        if (dialect === "rspamd") return;
        assert.match(answer, / z=1\r\n$/);
        const length = Number(/Content-length: (\d+)/.exec(answer)?.[1]);
        assert.equal(length, answer.length - answer.indexOf("\r\n\r\n") - 4);
      },
    ),
    { numRuns: 300 },
  );
});

test("encodeMessage: where room is short, the fields put back are left out first, then the longest of ours, of two the lower", () => {
  const long = (name: string): Edit => ({ kind: "insert", name, value: "x".repeat(2500) });
  const one = encodeMessage("spamd", verdict([long("X-A"), long("X-B")], ["X-C: y".repeat(500)]));
  assert.deepEqual([one.lost, one.unsaid], [1, 0]);
  const two = encodeMessage("spamd", verdict([long("X-A"), long("X-B"), long("X-C")]));
  assert.deepEqual([two.lost, two.unsaid], [0, 1]);
  const header = Buffer.from(extracted(two.text, "h") ?? "", "base64").toString("latin1");
  assert.deepEqual(header.match(/^X-.(?=:)/gm), ["X-C", "X-B"]);
});

test("encodeMessage: ten signatures with long names take the marks of junk from no message", () => {
  const value = `mx.example.org;\n ${"dkim=fail header.d=x".padEnd(620, "x").concat(";\n ").repeat(10)}`;
  const [results, marks] = [
    { kind: "insert", name: "Authentication-Results", value },
    [
      { kind: "insert", name: "X-Spam-Flag", value: "YES" },
      { kind: "insert", name: "X-Postern", value: "id=1 action=junk" },
    ],
  ] as const;
  const { text, unsaid } = encodeMessage("spamd", verdict([...marks, results]));
  assert.equal(unsaid, 1);
  const header = Buffer.from(extracted(text, "h") ?? "", "base64").toString("latin1");
  assert.equal(header, "X-Postern: id=1 action=junk\nX-Spam-Flag: YES\n");
});

test("messageVerdict: what is put back cannot cut the answer off: Exim's strings end at a NUL", () => {
  const told = verdict([], ["X-A: a\0b\n \n\tc\rd"]);
  assert.ok(told.kind === "accept");
  assert.deepEqual(told.putBack, ["X-A: ab\n\tc\n d"]);
});
