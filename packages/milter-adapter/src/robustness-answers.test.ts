import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, type Final, refusal } from "@postern/smtp-filter";
import type { PortScript } from "@postern/smtp-filter/testing";
import { faultOfReply } from "./testing/check-reply.ts";
import {
  CONNECT,
  FULL_OFFER,
  HELO,
  MAIL,
  MESSAGE,
  offer,
  RCPT,
  Rig,
  WITHOUT_SKIP,
} from "./testing/rig.ts";

const refuse: Answer = { kind: "refuse", reply: refusal(550, "5.7.1", "no") };
const never = () => new Promise<never>(() => {});
const throws = () => {
  throw new Error("a bug");
};
const rejects = () => Promise.reject(new Error("a bug"));

/** Where a port can fail, and the packet at which the failure shows. */
const places: { name: keyof PortScript; before: readonly string[]; packet: string }[] = [
  { name: "greet", before: [FULL_OFFER], packet: CONNECT },
  { name: "hello", before: [FULL_OFFER, CONNECT], packet: HELO },
  { name: "mail", before: [FULL_OFFER, CONNECT, HELO], packet: MAIL },
  { name: "rcpt", before: [FULL_OFFER, CONNECT, HELO, MAIL], packet: RCPT },
  { name: "begun", before: [FULL_OFFER, CONNECT, HELO, MAIL, RCPT], packet: "T" },
  { name: "end", before: [FULL_OFFER, CONNECT, HELO, ...MESSAGE], packet: "E" },
];
for (const { name, before, packet } of places) {
  for (const [how, fail] of [
    ["throws", throws],
    ["rejects", rejects],
  ] as const) {
    test(`case 44: ${name} ${how}: the failure verdict, one event`, async () => {
      const rig = new Rig({ [name]: fail }, { onFailure: "tempfail" });
      await rig.take(...before);
      // At CONNECT the verdict is held for HELO, and at DATA for the end of the message.
      const isHeld = name === "greet" || name === "begun";
      assert.equal(await rig.take(packet), isHeld ? "c" : "t");
      assert.equal(rig.seen("handler-error").length, 1);
      if (isHeld) assert.equal(await rig.take(name === "greet" ? HELO : "E"), "t");
      const accepting = new Rig({ [name]: fail });
      await accepting.take(...before);
      assert.equal(await accepting.take(packet), "c");
    });
  }

  test(`case 44: ${name} never resolves: the deadline answers, a late end is dropped`, async () => {
    let resolve = (_: unknown) => {};
    const late = () => new Promise<never>((settle) => (resolve = settle as typeof resolve));
    const rig = new Rig({ [name]: late }, { onFailure: "tempfail" });
    await rig.take(...before);
    const from = rig.sent.length;
    const taken = rig.start(packet);
    await rig.settle();
    assert.equal(rig.lettersFrom(from).replaceAll("p", ""), "");
    rig.clock.advanceNow(name === "end" ? 65_000 : 9000);
    await taken;
    const isHeld = name === "greet" || name === "begun";
    assert.equal(rig.lettersFrom(from).replaceAll("p", ""), isHeld ? "c" : "t");
    assert.equal(rig.seen("deadline").length, 1);
    const answered = rig.sent.length;
    resolve({ kind: "continue" });
    await rig.settle();
    assert.equal(rig.sent.length, answered);
    assert.equal(rig.seen("late-answer").length, 1);
    assert.equal(rig.clock.pending(), 0, "no timer is left");
  });
}

test("case 44: a port that cannot be opened, and one whose header and body throw", async () => {
  const unopened = new Rig({ open: throws }, { onFailure: "tempfail" });
  assert.equal(await unopened.take(FULL_OFFER, CONNECT, HELO, MAIL, "E", "Q"), "Octtt");
  for (const name of ["header", "body"] as const) {
    const rig = await Rig.greeted({ [name]: throws }, { onFailure: "tempfail" });
    assert.equal(await rig.take(...MESSAGE, "Bab", "Bcd", "E"), "cccccsst");
    assert.equal(rig.seen("handler-error").length, 1, "it is left alone after that");
    assert.equal(rig.calls.at(-1), "ended refused");
  }
});

test("case 44: a message that cannot be begun is asked for once", async () => {
  const rig = await Rig.greeted({ message: throws }, { onFailure: "tempfail" });
  assert.equal(await rig.take(...MESSAGE, "Bab", "E"), "cccccst");
  assert.deepEqual(
    rig.calls.filter((call) => call === "message"),
    ["message"],
  );
  assert.equal(rig.seen("handler-error").length, 1);
});

test("case 44: PROGRESS keeps the MTA waiting at the end, and before it only Postfix", async () => {
  const slow = { hello: never, end: never };
  for (const [macros, atHelo] of [
    ["DCv\0Postfix 3.7.11\0", "pc"],
    ["DCv\x008.17.1.9\0", "c"],
  ] as const) {
    const rig = new Rig(slow);
    await rig.take(FULL_OFFER, macros, CONNECT);
    for (const [packet, byMs, expected] of [
      [HELO, 9000, atHelo],
      ["E", 65_000, `${"p".repeat(12)}c`],
    ] as const) {
      if (packet === "E") await rig.take(...MESSAGE);
      const from = rig.sent.length;
      const taken = rig.start(packet);
      rig.clock.advanceNow(byMs);
      await taken;
      assert.equal(rig.lettersFrom(from), expected);
    }
  }
});

test("case 45: what is negotiated away is never answered, whatever the port says", async () => {
  const rig = await Rig.greeted({ header: throws, body: rejects }, {}, WITHOUT_SKIP);
  assert.equal(await rig.take(MAIL, RCPT, "T"), "ccc");
  assert.equal(await rig.take("LSubject\0 x\0", "N", "Babc", "LLate\0x\0"), "");
  assert.equal(await rig.take("E"), "c");
});

test("case 45: an edit without its negotiated bit is not sent, and reported once", async () => {
  const edits: Final = {
    kind: "deliver",
    edits: [
      { kind: "remove", name: "Authentication-Results", ordinal: 2 },
      { kind: "remove", name: "Authentication-Results", ordinal: 1 },
      { kind: "insert", name: "Authentication-Results", value: "mx; none" },
    ],
  };
  for (const [actions, letters] of [
    [0x1ff, "mmic"],
    [0x01, "ic"],
    [0x10, "mmc"],
    [0x20, "c"],
  ] as const) {
    const rig = await Rig.greeted({ end: async () => edits }, {}, offer(6, actions, 0x100c3f));
    assert.equal(await rig.take(...MESSAGE), "ccccc", "no modification before the end");
    assert.equal(await rig.take("E"), letters);
    assert.equal(rig.seen("edit-not-negotiated").length, actions === 0x1ff ? 0 : 1);
  }
});

test("case 45: an edit that cannot be written is dropped, the final reply still comes", async () => {
  const end = async (): Promise<Final> => ({
    kind: "deliver",
    edits: [{ kind: "insert", name: "Bad name:", value: "x" }],
  });
  const rig = await Rig.greeted({ end });
  assert.equal(await rig.take(...MESSAGE, "E"), "cccccc");
  assert.equal(rig.seen("handler-error").length, 1);
});

test("case 47: the MTA leaves while the port works: it is told at once, its answer dropped", async () => {
  for (const { name, before, packet } of places) {
    let resolve = (_: unknown) => {};
    const slow = () => new Promise<never>((settle) => (resolve = settle as typeof resolve));
    const rig = new Rig({ [name]: slow });
    await rig.take(...before);
    const from = rig.sent.length;
    const taken = rig.start(packet);
    await rig.settle();
    rig.session.end("lost");
    await taken;
    assert.equal(rig.calls.at(-1), "close lost");
    const calls = rig.calls.length;
    resolve(name === "end" ? refuse : { kind: "continue" });
    await rig.settle();
    rig.clock.advanceNow(100_000);
    assert.equal(rig.sent.length, from);
    assert.equal(rig.calls.length, calls);
    assert.equal(rig.clock.pending(), 0);
    assert.deepEqual(rig.events, []);
  }
});

test("case 47: the MTA leaves between two steps of one packet: the second is not taken", async () => {
  for (const [before, packet, last] of [
    [MESSAGE, "Elast", "body 4"],
    [[MAIL, RCPT], "LSubject\0 x\0", "message"],
    [[MAIL, RCPT], "Babc", "message"],
  ] as const) {
    const rig = await Rig.greeted();
    await rig.take(...before);
    const taken = rig.start(packet);
    rig.session.end("lost");
    await taken;
    assert.deepEqual(rig.calls.slice(-3), [last, "ended aborted", "close lost"]);
  }
});

test("case 51: hostile reply text is one well-formed reply", async () => {
  const hostile = [
    "a\r\n250 ok\r\n.\r\nb",
    "nul\0inside",
    "50% off %s %n %%",
    "\xff\u20ac\u{1f600}",
    "x".repeat(5000),
    "%".repeat(5000),
    "4.7.1 other class",
    "",
  ];
  for (const text of hostile) {
    for (const [code, enhanced] of [
      [550, "5.7.1"],
      [451, null],
      [421, null],
      [521, "5.3.2"],
    ] as const) {
      const reply = refusal(code, enhanced, text);
      const hello = async (): Promise<Answer> => ({ kind: "refuse", reply });
      const rig = new Rig({ hello, mail: hello, end: hello });
      assert.equal(await rig.take(FULL_OFFER, CONNECT, HELO, MAIL), "Ocyy");
      for (const packet of rig.sent.slice(2))
        assert.equal(faultOfReply(packet.slice(1)), undefined, JSON.stringify(packet));
    }
  }
});

test("case 54: a refusal during an unanswered body is held until the end", async () => {
  const end = async () => refuse;
  const rig = await Rig.greeted({ end }, {}, WITHOUT_SKIP);
  assert.equal(await rig.take(MAIL, RCPT, "T"), "ccc");
  assert.equal(await rig.take("Babc", "Bdef"), "");
  assert.equal(await rig.take("E"), "y");
  assert.equal(rig.sent.at(-1), "y550 5.7.1 no\0");
  const broken = await Rig.greeted({ body: throws }, { onFailure: "tempfail" }, WITHOUT_SKIP);
  assert.equal(await broken.take(MAIL, RCPT, "T", "Babc", "Bdef"), "ccc");
  assert.equal(await broken.take("E"), "t");
});
