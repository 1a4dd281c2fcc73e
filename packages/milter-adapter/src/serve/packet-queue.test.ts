import assert from "node:assert/strict";
import { test } from "node:test";
import { scheduler } from "node:timers/promises";
import type { PortScript } from "@postern/smtp-filter/testing";
import fc from "fast-check";
import { frameOf } from "../testing/raw-mta.ts";
import { CONNECT, HELO, MESSAGE, Rig, WITHOUT_SKIP } from "../testing/rig.ts";
import { BufferPool } from "../wire/buffer-pool.ts";
import { PacketQueue } from "./packet-queue.ts";

const BODY = `B${"x".repeat(40_000)}`;

/** A queue before a session that is in the body of a message. */
async function queueOn(script: PortScript): Promise<{ queue: PacketQueue; rig: Rig }> {
  const rig = await Rig.greeted(script, {}, WITHOUT_SKIP);
  await rig.take(...MESSAGE);
  const fail = (error: unknown) => assert.fail(String(error));
  const owner = { settled() {}, crashed: fail };
  return { queue: new PacketQueue(rig.session, undefined, new BufferPool(), owner), rig };
}

/** A chunk as a socket gives it: it has its memory for itself. */
function chunkOf(...packets: readonly string[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(packets.map(frameOf)));
}

test("PacketQueue: the memory of a chunk is free once its packets are done with", async () => {
  const { queue, rig } = await queueOn({});
  const chunk = chunkOf("DB", BODY, "DB", "Bmore");
  queue.push(chunk);
  assert.ok(chunk.buffer.detached);
  assert.deepEqual(rig.calls.slice(-2), ["body 40000", "body 4"]);
  const part = chunkOf(BODY).subarray(0, 30_000);
  queue.push(part);
  assert.ok(!part.buffer.detached, "there may be other things in the rest of it");
});

test("PacketQueue: a chunk stays while a packet of it waits, or a field of it is the port's", async () => {
  let makeRoom = () => {};
  const told: string[] = [];
  const { queue, rig } = await queueOn({
    body(chunk) {
      told.push(Buffer.from(chunk).toString("latin1", 0, 4));
      if (told.length > 1) return undefined;
      return new Promise<void>((resolve) => (makeRoom = resolve));
    },
  });
  const waiting = chunkOf(BODY, "Bmore");
  queue.push(waiting);
  assert.ok(!waiting.buffer.detached);
  const behind = chunkOf(BODY.replaceAll("x", "y"));
  queue.push(behind);
  assert.ok(!behind.buffer.detached);
  makeRoom();
  await rig.settle();
  assert.deepEqual(told, ["xxxx", "more", "yyyy"]);
  await rig.take("E", ...MESSAGE.slice(0, 3));
  const field = chunkOf(`LX\0 ${"v".repeat(20_000)}\0`, "N", BODY);
  queue.push(field);
  assert.ok(!field.buffer.detached);
});

test("PacketQueue: header and body are what was sent, however it is cut, whether the port waits or not", async () => {
  const size = fc.oneof(
    fc.nat({ max: 40 }),
    fc.integer({ max: 65_535, min: 20_000 }),
    fc.constant(65_535),
  );
  const some = { minLength: 1, maxLength: 5 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(size, some),
      fc.array(fc.integer({ min: 0, max: 59_000 }), some),
      fc.array(fc.integer({ min: 1, max: 65_536 }), some),
      fc.array(fc.boolean(), some),
      async (bodySizes, fieldSizes, cuts, waits) => {
        const fields: Uint8Array[] = [];
        const body: Buffer[] = [];
        let chunks = 0;
        const rig = new Rig({
          header: (_, value) => void fields.push(value),
          body(chunk) {
            chunks += 1;
            if (waits[chunks % waits.length] !== true) return void body.push(Buffer.from(chunk));
            // It is read when the next chunks have long come.
            return scheduler.yield().then(() => void body.push(Buffer.from(chunk)));
          },
        });
        const fail = (error: unknown) => assert.fail(String(error));
        const owner = { settled() {}, crashed: fail };
        const queue = new PacketQueue(rig.session, undefined, new BufferPool(), owner);
        const letters = (count: number, i: number) => "abcdefghij".charAt(i).repeat(count);
        const sent = { fields: fieldSizes.map(letters), body: bodySizes.map(letters) };
        const stream = chunkOf(
          ...[WITHOUT_SKIP, CONNECT, HELO, ...MESSAGE.slice(0, 3)],
          ...sent.fields.map((value) => `LX\0${value}\0`),
          "N",
          ...sent.body.flatMap((chunk) => ["DB", `B${chunk}`]),
          "E",
        );
        for (let at = 0, i = 0; at < stream.length; i += 1) {
          const piece = stream.slice(at, at + (cuts[i % cuts.length] ?? 1));
          at += piece.length;
          queue.push(piece);
          if (i % 3 === 0) await rig.settle();
        }
        while (rig.calls.at(-1) !== "ended queued") await rig.settle();
        const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
        assert.ok(fields.map(latin1).join("|") === sent.fields.join("|"));
        assert.ok(latin1(Buffer.concat(body)) === sent.body.join(""));
        assert.deepEqual(rig.events, []);
      },
    ),
    { seed: 3, numRuns: 60 },
  );
});
