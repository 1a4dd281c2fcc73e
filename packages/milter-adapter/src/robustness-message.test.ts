import assert from "node:assert/strict";
import { test } from "node:test";
import { framed } from "../test-support/captures.ts";
import { atRcpt, Driver, OFFER, OLD_OFFER, say, settled } from "../test-support/driver.ts";
import { deliver, type GO, never, Recorder, refuse } from "../test-support/recorder.ts";

test("case 27: addresses without brackets, with routes, quotes, UTF-8: one outer pair goes, no more", async () => {
  const recorder = new Recorder();
  const driver = await new Driver(recorder).commands(OFFER, say.connect());
  const paths = [
    ["a@x.test", "a@x.test"],
    ["<@relay.test:a@x.test>", "@relay.test:a@x.test"],
    ['<"a>b"@x.test>', '"a>b"@x.test'],
    ["<<a@x.test>>", "<a@x.test>"],
    ["<a b@x.test>", "a b@x.test"],
    ["<\xc3\xa4@x.test>", "\xc3\xa4@x.test"],
    ["<>", "null-sender"],
  ] as const;
  await driver.commands(...paths.map(([from]) => say.mail(from)));
  assert.deepEqual(
    recorder.only("mail"),
    paths.map(([, text]) => `mail ${text}`),
  );
});

test("case 28: RCPT, BODY, EOM outside of MAIL and EOM without RCPT are answered with continue", async () => {
  const recorder = new Recorder();
  const driver = await new Driver(recorder).commands(OLD_OFFER, say.rcpt(), say.connect());
  await driver.commands(say.rcpt(), say.body(), say.endOfMessage(), say.data, say.endOfHeaders);
  await driver.commands(say.header("A", "b"), say.mail(), say.endOfMessage());
  assert.deepEqual(driver.kinds(), ["negotiate", ...Array<string>(10).fill("continue")]);
  assert.deepEqual(driver.eventKinds(), Array<string>(8).fill("out-of-order"));
  assert.deepEqual(recorder.only("rcpt", "message", "end", "ended"), ["ended aborted"]);
});

test("case 29: HEADER after EOH, DATA twice, RCPT after DATA, BODY after EOM", async () => {
  const recorder = new Recorder();
  const driver = await atRcpt(recorder, OLD_OFFER);
  await driver.commands(say.data, say.data, say.rcpt("<late@x.test>"), say.endOfHeaders);
  await driver.commands(say.header("A", "b"), say.endOfHeaders, say.endOfMessage(), say.body());
  assert.deepEqual(driver.kinds(), Array<string>(8).fill("continue"));
  assert.deepEqual(driver.eventKinds(), Array<string>(5).fill("out-of-order"));
  assert.deepEqual(recorder.headers, []);
  assert.deepEqual(recorder.only("message", "end", "ended"), ["message", "end", "ended queued"]);
});

test("case 29: a HEADER after EOH that is not to be answered is not", async () => {
  const driver = await atRcpt(new Recorder());
  await driver.commands(say.data, say.endOfHeaders, say.header("A", "b"), say.endOfMessage());
  assert.deepEqual(driver.kinds(), ["continue", "continue"]);
});

test("case 37: HEADER with one string, no name, an open value, three strings", async () => {
  const recorder = new Recorder();
  const driver = await atRcpt(recorder, OLD_OFFER);
  const payloads = ["X-One\0", "X-Bare", "\0 value\0", "X-Open\0 value", "X-Three\0a\0b\0", ""];
  await driver.bytes(...payloads.map((payload) => framed("L", payload)));
  assert.deepEqual(
    driver.kinds(),
    payloads.map(() => "continue"),
  );
  assert.deepEqual(recorder.headers, ["X-One:", "X-Bare:", "X-Open: value", "X-Three:a"]);
  assert.deepEqual(driver.eventKinds(), ["header-dropped"]);
});

test("case 38: a NUL in a header ends its value", async () => {
  const recorder = new Recorder();
  const driver = await atRcpt(recorder);
  await driver.bytes(framed("L", "X\0 before\0after\0more"));
  assert.deepEqual(recorder.headers, ["X: before"]);
  assert.equal(driver.isClosed, false);
});

test("case 39: odd names, bare CR, 60,000 bytes, 10,000 fields: passed up to the limits, answered", async () => {
  const recorder = new Recorder();
  const driver = await atRcpt(recorder, OLD_OFFER);
  await driver.commands(
    say.header("X \x01\xff", " a\rb"),
    say.header("X-Long", "v".repeat(60_000)),
  );
  const many = Array.from({ length: 10_000 }, (_, i) => say.header("X", `${i}`));
  await driver.commands(...many, say.endOfMessage());
  assert.equal(driver.kinds().length, 10_003);
  assert.equal(recorder.headers.length, 2000);
  assert.equal(recorder.headers[0], "X \x01\xff: a\rb");
  const dropped = driver.events.map((event) => event.kind === "header-dropped" && event.why);
  assert.deepEqual(dropped, ["too-many"]);

  const large = await atRcpt(new Recorder(), OLD_OFFER);
  await large.commands(...Array.from({ length: 20 }, () => say.header("X", "v".repeat(60_000))));
  assert.deepEqual(
    large.events.map((event) => event.kind === "header-dropped" && event.why),
    ["too-large"],
  );
});

test("case 40: EOM with a payload is a last chunk and the end", async () => {
  const recorder = new Recorder();
  const driver = await atRcpt(recorder);
  await driver.commands(say.data, say.endOfHeaders, say.body("one"), say.endOfMessage("two"));
  assert.deepEqual(driver.kinds(), ["continue", "continue"]);
  assert.equal(Buffer.concat(recorder.body).toString(), "onetwo");
});

test("case 41: a body of nothing has no chunk; a long one streams, chunk by chunk, as fast as it is taken", async () => {
  const empty = new Recorder();
  await (await atRcpt(empty)).commands(say.data, say.endOfHeaders, say.endOfMessage());
  assert.deepEqual([empty.body.length, empty.only("end")], [0, ["end"]]);

  let release = () => {};
  const recorder = new Recorder({
    body: () =>
      new Promise((resolve) => {
        release = resolve;
      }),
  });
  const driver = await atRcpt(recorder);
  await driver.commands(say.data, say.endOfHeaders);
  for (let i = 1; i <= 3; i += 1) {
    let isTaken = false;
    const turn = Promise.resolve(driver.begin(say.body("x".repeat(65_535)))).then(() => {
      isTaken = true;
    });
    await settled();
    assert.deepEqual([isTaken, recorder.body.length], [false, i]);
    release();
    await turn;
  }
});

test("case 43: a thousand recipients, one of them twice, all are asked for", async () => {
  const recorder = new Recorder();
  const driver = await atRcpt(recorder);
  const recipients = Array.from({ length: 1000 }, (_, i) => say.rcpt(`<r${i % 999}@x.test>`));
  await driver.commands(...recipients);
  assert.equal(driver.kinds().length, 1000);
  assert.equal(recorder.only("rcpt").length, 1001);
});

for (const [onFailure, failure, ended] of [
  ["accept", "continue", "ended queued"],
  ["tempfail", "tempfail", "ended refused"],
] as const) {
  test(`case 44: a handler that throws, rejects or never resolves is answered by policy: ${onFailure}`, async () => {
    const boom = () => Promise.reject(new Error("boom"));
    for (const script of [{ hello: boom }, { hello: () => never() }, { mail: () => never() }]) {
      const driver = new Driver({ ...new Recorder(script), onFailure });
      await driver.commands(OFFER, say.connect());
      driver.kinds();
      const turn = driver.begin("hello" in script ? say.helo() : say.mail());
      await driver.clock.advance(9000);
      await turn;
      assert.deepEqual(driver.kinds(), [failure]);
      assert.match(driver.eventKinds().join(), /^(handler-error|deadline)$/);
    }
    const recorder = new Recorder({ end: () => never() });
    const driver = await atRcpt({ ...recorder, onFailure });
    await driver.commands(say.data);
    driver.kinds();
    const turn = driver.begin(say.endOfMessage());
    await driver.clock.advance(64_999);
    assert.deepEqual(driver.kinds(), Array<string>(12).fill("progress"));
    await driver.clock.advance(1);
    await turn;
    assert.deepEqual(driver.kinds(), ["progress", failure].slice(1));
    assert.deepEqual(recorder.only("ended"), [ended]);
    assert.equal(driver.clock.running, 0);
  });
}

test("case 44: an answer after the deadline is dropped and counted", async () => {
  let answer: (value: typeof GO) => void = () => {};
  const recorder = new Recorder({
    rcpt: () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  });
  const driver = await new Driver(recorder).commands(OFFER, say.connect(), say.mail());
  driver.kinds();
  const turn = driver.begin(say.rcpt());
  await driver.clock.advance(9000);
  await turn;
  answer(refuse(550, null, "late"));
  await settled();
  assert.deepEqual(driver.kinds(), ["continue"]);
  assert.deepEqual(driver.eventKinds(), ["deadline", "late-answer"]);
});

test("case 45: no answer to a command that has none, no edit without its bit, one verdict", async () => {
  const edits = [
    { kind: "remove", name: "X-A", ordinal: 2 },
    { kind: "remove", name: "X-A", ordinal: 1 },
    { kind: "insert", name: "X-B", value: "b" },
  ] as const;
  const script = { end: async () => deliver(...edits), header: () => assert.fail("thrown") };
  const driver = await atRcpt({ ...new Recorder(script) });
  await driver.commands(say.data, say.header("A", "b"), say.endOfHeaders, say.body());
  assert.deepEqual(driver.kinds(), ["continue"]);

  const poor = new Driver({ ...new Recorder({ end: script.end }) });
  await poor.commands({ kind: "negotiate", version: 6, actions: 0x1, protocol: 0x1fffff });
  await poor.commands(say.connect(), say.mail(), say.rcpt(), say.data, say.endOfMessage());
  assert.deepEqual(poor.kinds().slice(-2), ["insert-header", "continue"]);
  assert.deepEqual(poor.eventKinds(), ["missing-actions", "edit-not-negotiated"]);
});

test("case 51: hostile reply text is one clean line", async () => {
  const text = `50% off\r\n250 ok\0 \u00fc ${"x".repeat(2000)}`;
  const reply = { ...refusal550(), text };
  const recorder = new Recorder({ hello: async () => ({ kind: "refuse", reply }) });
  const driver = await new Driver(recorder).commands(OFFER, say.connect(), say.helo());
  const answer = driver.responses.at(-1);
  assert.ok(answer?.kind === "reply");
  assert.equal(answer.lines.length, 1);
  assert.match(answer.lines[0] ?? "", /^50% off\?250 ok\? \? x+$/);
  assert.ok((answer.lines[0] ?? "").length <= 510);
});

test("case 54: with the body unanswered, a verdict waits for the end", async () => {
  const recorder = new Recorder({ end: async () => refuse(550, "5.7.1", "no") });
  const driver = await atRcpt(recorder);
  await driver.commands(say.data, say.endOfHeaders, say.body(), say.body());
  assert.deepEqual(driver.kinds(), ["continue"]);
  await driver.commands(say.endOfMessage());
  assert.deepEqual(driver.responses, [
    { kind: "reply", code: 550, enhanced: "5.7.1", lines: ["no"] },
  ]);
  assert.deepEqual(recorder.only("ended"), ["ended refused"]);
});

function refusal550() {
  const answer = refuse(550, null, "x");
  assert.ok(answer.kind === "refuse");
  return answer.reply;
}
