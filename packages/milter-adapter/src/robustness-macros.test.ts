import assert from "node:assert/strict";
import { test } from "node:test";
import { CONNECT, FULL_OFFER, HELO, MAIL, Rig } from "./testing/rig.ts";
import { decodeCommand } from "./wire/command.ts";
import { MacroStore } from "./wire/macros.ts";

/** A store that was given these packets. */
function storeOf(...packets: string[]): MacroStore {
  const store = new MacroStore();
  for (const packet of packets) {
    const command = decodeCommand(new Uint8Array(Buffer.from(packet, "latin1")));
    assert.ok(command.kind === "macros");
    if (command.stage !== null) store.set(command.stage, command.macros);
  }
  return store;
}

test("case 16: a macro packet without a letter closes", async () => {
  const rig = new Rig();
  assert.equal(await rig.take(FULL_OFFER, "D"), "O");
  assert.ok(rig.isClosed);
});

test("case 16: a macro packet of a letter alone empties the set", async () => {
  const store = storeOf("DH{tls_version}\0TLSv1.3\0", "DH");
  assert.equal(store.get("tls_version"), undefined);
  const rig = new Rig();
  const letters = ["DC", CONNECT, "DH", HELO, "DM", MAIL, "DR", "DT", "DL", "DN", "DB", "DE"];
  assert.equal(await rig.take(FULL_OFFER, ...letters), "Occc");
  assert.deepEqual(rig.events, []);
});

test("case 17: macros of a letter no stage has are ignored", async () => {
  const rig = new Rig();
  assert.equal(await rig.take(FULL_OFFER, "DZ{x}\x001\0", "D\0", "DO", "DA", CONNECT), "Oc");
  assert.deepEqual(rig.events, []);
});

for (const [letter, stage, next] of [
  ["L", "header", "end-of-headers"],
  ["B", "body", "end-of-message"],
  ["U", "unknown", "mail"],
] as const) {
  test(`case 17: macros of ${letter} count for the next command only`, () => {
    const kept = storeOf(`D${letter}{x}\x001\0`);
    kept.reached(stage);
    assert.equal(kept.get("x"), "1");
    kept.reached(stage);
    assert.equal(kept.get("x"), undefined);
    const passed = storeOf(`D${letter}{x}\x001\0`);
    passed.reached(next);
    assert.equal(passed.get("x"), undefined);
  });
}

test("case 18: an odd string is a name without a value, an unterminated one is taken as it is", () => {
  assert.equal(storeOf("DHa\x001\0b\0").get("b"), "");
  assert.equal(storeOf("DHa\x001\0b").get("b"), "");
  assert.equal(storeOf("DHa\x001\0b\0tail").get("b"), "tail");
  assert.equal(storeOf("DHa\x001\0b\0tail").get("a"), "1");
});

test("case 18: at most 256 names and 64 KB are kept, over all stages", () => {
  const names = Array.from({ length: 300 }, (_, i) => `n${i}\0v\0`).join("");
  const store = storeOf(`DC${names}`, "DHlate\x001\0");
  assert.equal(store.get("n255"), "v");
  assert.equal(store.get("n256"), undefined);
  assert.equal(store.get("late"), undefined);
  const large = storeOf(`DCa\0${"x".repeat(60_000)}\0b\0${"x".repeat(6000)}\0`);
  assert.equal(large.get("a")?.length, 60_000);
  assert.equal(large.get("b"), undefined);
});

test("case 19: of two packets for one stage the last one counts, for all its names", () => {
  const store = storeOf("DH{a}\x001\0{b}\x001\0", "DHa\x002\0");
  assert.equal(store.get("a"), "2");
  assert.equal(store.get("b"), undefined);
});

test("case 50: macros of any kind may come without their command", async () => {
  const rig = await Rig.greeted();
  const orphans = ["DR{rcpt_addr}\0x\0", "DE", "DT", "DMi\0Q1\0"];
  assert.equal(await rig.take(...orphans, ...orphans, MAIL), "c");
  assert.deepEqual(rig.events, []);
});
