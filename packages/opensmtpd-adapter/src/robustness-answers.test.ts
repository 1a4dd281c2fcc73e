import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, type Final, type Reply, refusal } from "@postern/smtp-filter";
import fc from "fast-check";
import { Dialogue } from "./testing/dialogue.ts";
import { Rig } from "./testing/rig.ts";
import { Fatal, StrictSmtpd } from "./testing/strict-smtpd.ts";
import { encodeResult, REGISTER_BLOCK } from "./wire/encode.ts";

/** OPENSMTPD.md section 12, case 24. */
const RESULT =
  /^filter-result\|[0-9a-f]{16}\|[0-9a-f]{16}\|(proceed|junk|(reject|disconnect)\|[45]\d\d [\x20-\x7e]{1,396})$/;

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 500 }),
  fc
    .array(
      fc.constantFrom(
        "550 ",
        "421",
        "\r",
        "\n",
        "|",
        "\0",
        "\xe9",
        "\u20ac",
        "x",
        " ",
        "-",
        "5.7.1",
      ),
      {
        maxLength: 20,
      },
    )
    .map((pieces) => pieces.join("")),
  fc.constantFrom(
    "",
    "550",
    "550 ",
    "550-multi",
    "250 ok",
    "99",
    `451 ${"x".repeat(5_000)}`,
    " 550 x",
  ),
);

test("case 24: whatever the reply, a line that smtpd takes", () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom("reject", "disconnect"), (reply, kind) => {
      const addressee = { version: "0.7", session: "0123456789abcdef", token: "fedcba9876543210" };
      const line = encodeResult(addressee, { kind, reply } as const);
      assert.match(line, /^[^\n]*\n$/);
      assert.match(line.slice(0, -1), RESULT);
    }),
    { seed: 24, numRuns: 5_000 },
  );
});

test("case 24: a refusal of any text is one valid answer at each stage, and the client stays", async () => {
  await fc.assert(
    fc.asyncProperty(hostile, fc.constantFrom(421, 450, 451, 521, 550), async (text, code) => {
      // A reply as `refusal` makes it, and one that slipped past it.
      const clean = refusal(code, null, text);
      for (const reply of [clean, { ...clean, text } as Reply]) {
        const refuse = async (): Promise<Answer> => ({ kind: "refuse", reply });
        const end = async (): Promise<Final> => ({ kind: "refuse", reply });
        const d = new Dialogue();
        const atConnect = new Rig({ greet: refuse });
        await atConnect.say(d.linkConnect(), d.connect());
        const atHelo = new Rig({ hello: refuse });
        await atHelo.say(d.greeted());
        const atMail = new Rig({ mail: refuse });
        await atMail.say(d.greeted(), d.request("mail-from", "a@example.com"));
        const atRcpt = new Rig({ rcpt: refuse });
        await atRcpt.say(d.greeted(), d.mail(), d.request("rcpt-to", "a@example.org"));
        const atEnd = new Rig({ end });
        await atEnd.say(d.greeted(), d.mail(), d.rcpt(), d.data("A: b"), d.request("commit"));
        assert.match(atConnect.out.at(-1) ?? "", /\|disconnect\|[45]/);
        for (const rig of [atHelo, atMail, atRcpt, atEnd]) {
          assert.match(rig.out.at(-1) ?? "", RESULT);
          assert.match(rig.out.at(-1) ?? "", /\|reject\|[45]/);
        }
        for (const rig of [atMail, atRcpt, atEnd])
          assert.doesNotMatch(rig.out.at(-1) ?? "", /\|421/);
      }
    }),
    { seed: 25, numRuns: 60 },
  );
});

test("case 32: each registration once: reports, filters, ready", () => {
  const smtpd = new StrictSmtpd();
  const lines = REGISTER_BLOCK.split("\n").slice(0, -1);
  for (const line of lines) smtpd.heard(line);
  assert.ok(smtpd.isReady);
  assert.equal(new Set(lines).size, lines.length);
  assert.deepEqual(
    lines.map((line) => line.split("|")[1]),
    lines.map((line) => line.split("|")[1]).toSorted((a = "", b = "") => rank(a) - rank(b)),
  );
  const rig = new Rig();
  rig.feed("config|ready\nconfig|ready\n");
  assert.equal(rig.out.filter((line) => line === "register|ready").length, 1);
});

function rank(what: string): number {
  return ["report", "filter", "ready"].indexOf(what);
}

test("the strict smtpd stops where the real one would", () => {
  const registered = () => {
    const smtpd = new StrictSmtpd();
    for (const line of REGISTER_BLOCK.split("\n").slice(0, -1)) smtpd.heard(line);
    return smtpd;
  };
  const d = new Dialogue();
  for (const [told, heard] of [
    [[], ["nonsense"]],
    [[], ["register|report|smtp-in|timeout"]],
    [[], ["report|0.7|1|smtp-in|x"]],
    [[d.connect()], [`filter-result|${d.id}|bbbb000000000000|proceed`]],
    [[d.connect()], [`filter-result|${d.id}|aaaa000000000000|proceed|x`]],
    [[d.connect()], [`filter-result|${d.id}|aaaa000000000000|disconnect`]],
    [[d.connect()], [`filter-result|${d.id}|aaaa000000000000|reject|550 no`]],
    [[d.connect()], [`filter-result|${d.id}|aaaa000000000000|report|x`]],
    [[d.connect()], [`filter-result|zz|aaaa000000000000|proceed`]],
    [[d.connect()], Array(2).fill(`filter-result|${d.id}|aaaa000000000000|proceed`)],
    [[d.request("commit")], [`filter-result|${d.id}|aaaa00000000000e|junk`]],
    [[d.request("data")], [`filter-result|${d.id}|aaaa000000000008|reject|250 ok`]],
    [[d.line("x")], [`filter-result|${d.id}|aaaa000000000009|proceed`]],
    [[d.line("x")], [`filter-dataline|${d.id}|aaaa000000000009|.`]],
    [[d.line(".")], Array(2).fill(`filter-dataline|${d.id}|aaaa000000000009|.`)],
    [[d.line(".")], [`filter-dataline|${d.id}|bbbb000000000009|.`]],
    [[d.line(".")], [`filter-dataline|${d.id}|aaaa000000000009|.a`]],
    [[d.connect()], [`filter-dataline|${d.id}|aaaa000000000009|a`]],
    [[d.line(".")], [`filter-dataline|${d.id}|aaaa000000000009|${"x".repeat(65_000)}`]],
  ] as const) {
    const smtpd = registered();
    for (const line of told) smtpd.told(line);
    assert.throws(
      () => {
        for (const line of heard) smtpd.heard(line);
      },
      `${told} ${String(heard).slice(0, 100)}`,
    );
  }
  const early = new StrictSmtpd();
  assert.throws(() => early.heard("filter-result|a|b|proceed"), Fatal);
  for (const line of [
    "register|report|smtp-in|nope",
    "register|filter|smtp-out|data",
    "register|filter|smtp-in|*",
  ])
    assert.throws(() => new StrictSmtpd().heard(line), Fatal, `for ${line}`);
});
