import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ALL_ANSWERED,
  FULL_OFFER,
  MESSAGE,
  offer,
  type Packet,
  Rig,
  WITHOUT_SKIP,
} from "./testing/rig.ts";

const chunksTold = (rig: Rig) => rig.calls.filter((call) => call.startsWith("body"));
const enough = () => "enough" as const;
const NEITHER = offer(6, 0x1ff, 0x1ffbff & ~0x80000);

for (const { name, offered, envelope, answers } of [
  { name: "SKIP, all answered", offered: ALL_ANSWERED, envelope: "ccccc", answers: "ss" },
  { name: "SKIP, as Postfix offers", offered: FULL_OFFER, envelope: "ccc", answers: "ss" },
  { name: "no SKIP, the body unanswered", offered: WITHOUT_SKIP, envelope: "ccc", answers: "" },
  { name: "no SKIP, the body answered", offered: NEITHER, envelope: "ccc", answers: "cc" },
  { name: "what Stalwart offers", offered: offer(6, 0xff, 0x42), envelope: "ccccc", answers: "cc" },
] as const) {
  test(`body: enough of each of two messages, ${name}`, async () => {
    const rig = await Rig.greeted({ body: enough }, {}, offered);
    for (let messages = 0; messages < 2; messages += 1) {
      rig.calls.length = 0;
      assert.equal(await rig.take(...MESSAGE), envelope);
      // An MTA that was told to skip sends no more; one that does all the same is told again.
      assert.equal(await rig.take("Bab", "Bcde"), answers);
      assert.deepEqual(chunksTold(rig), ["body 2"], "the rest is nobody's");
      assert.equal(await rig.take("Elast"), "c");
      assert.deepEqual(rig.calls.slice(-3), ["body 2", "end", "ended queued"]);
    }
    assert.deepEqual(rig.events, []);
  });
}

test("body: enough after some chunks, one of which had to wait", async () => {
  const told: Packet[] = [];
  const rig = await Rig.greeted({
    body(chunk) {
      told.push(chunk);
      if (told.length === 1) return undefined;
      return told.length === 2 ? Promise.resolve() : "enough";
    },
  });
  assert.equal(await rig.take(...MESSAGE, "Ba", "Bbc", "Bdef", "Bghij", "E"), "cccccccssc");
  assert.deepEqual(chunksTold(rig), ["body 1", "body 2", "body 3"]);
});

test("body: enough of a body that comes without headers, or with the end of the message", async () => {
  const [mail = "", rcpt = ""] = MESSAGE;
  const bare = await Rig.greeted({ body: enough });
  assert.equal(await bare.take(mail, rcpt, "Bab", "Bcd", "E"), "ccssc");
  assert.deepEqual(bare.calls.slice(-4), ["message", "body 2", "end", "ended queued"]);
  const late = await Rig.greeted({ body: enough });
  assert.equal(await late.take(...MESSAGE, "Elast"), "cccccc");
  assert.deepEqual(late.calls.slice(-3), ["body 4", "end", "ended queued"]);
});

test("body: a chunk is handled at once where the port does not wait", async () => {
  const rig = await Rig.greeted();
  await rig.take(...MESSAGE);
  assert.equal(rig.start("Bab"), undefined);
});
