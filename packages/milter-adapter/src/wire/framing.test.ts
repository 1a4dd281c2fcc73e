import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytes, captures, framed, packetsOf } from "../../test-support/captures.ts";
import { BufferPool } from "./buffer-pool.ts";
import { Framer, MAX_PACKET_BYTES } from "./framing.ts";
import { ProtocolError } from "./protocol-error.ts";

/** The packets of a stream cut at `cuts`, as text, and the error that ended them. */
function read(stream: Uint8Array, cuts: readonly number[]): string[] {
  const framer = new Framer();
  const seen: string[] = [];
  const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
  try {
    for (const [i, from] of at.entries())
      framer.push(stream.subarray(from, at[i + 1]), (p) => {
        seen.push(Buffer.from(p).toString("latin1"));
        framer.release(p);
      });
  } catch (error) {
    assert.ok(error instanceof ProtocolError);
    seen.push(error.message);
  }
  return seen;
}

for (const [name, stream] of [...captures("mta-to-filter"), ...captures("filter-to-mta")]) {
  test(`Framer: ${name} gives the same packets however it is cut`, () => {
    const whole = packetsOf(stream).map((p) => Buffer.from(p).toString("latin1"));
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length }), { maxLength: 12 }), (cuts) =>
        assert.deepEqual(read(stream, cuts), whole),
      ),
      { seed: 1, numRuns: 20 },
    );
    if (stream.length < 3000)
      assert.deepEqual(
        read(
          stream,
          Array.from({ length: stream.length }, (_, i) => i),
        ),
        whole,
      );
  });
}

test("Framer: a bad length comes after the packets before it, wherever it is cut", () => {
  const stream = Buffer.concat([framed("A"), framed("Hmx\0"), bytes("00000000 41")]);
  for (let i = 0; i < stream.length; i += 1) {
    assert.deepEqual(read(stream, [i]), [
      "A",
      "Hmx\0",
      `Cannot read packet of 0 bytes: allowed are 1 to ${MAX_PACKET_BYTES}`,
    ]);
  }
});

test("Framer: a packet in one chunk is a view of it", () => {
  const chunk = framed("B", "abc");
  new Framer().push(chunk, (packet) => assert.equal(packet.buffer, chunk.buffer));
});

test("Framer: heldBytes tells of an unfinished packet only", () => {
  const framer = new Framer();
  framer.push(bytes("00 00 00"), () => assert.fail("no packet yet"));
  assert.equal(framer.heldBytes, 3);
  framer.push(bytes("03 48 61"), () => assert.fail("no packet yet"));
  assert.equal(framer.heldBytes, 6);
  let packets = 0;
  framer.push(bytes("00"), () => {
    packets += 1;
  });
  assert.deepEqual([packets, framer.heldBytes], [1, 0]);
});

const CHUNK_BYTES = 65_535;

test("Framer: the buffer of a packet that was released serves the next one, of any connection", () => {
  const pool = new BufferPool();
  const [one, two] = [new Framer(undefined, pool), new Framer(undefined, pool)];
  const bufferOf = (framer: Framer): ArrayBufferLike => {
    const stream = framed("B", new Uint8Array(CHUNK_BYTES));
    let buffer: ArrayBufferLike = new ArrayBuffer(0);
    for (const half of [stream.subarray(0, 40_000), stream.subarray(40_000)])
      framer.push(half, (packet) => {
        buffer = packet.buffer;
        framer.release(packet);
      });
    return buffer;
  };
  const first = bufferOf(one);
  assert.equal(bufferOf(two), first);
  assert.equal(bufferOf(one), first);
});

test("Framer: connections that share a pool never see each other's bytes", () => {
  const step = fc.record({ who: fc.nat({ max: 2 }), bytes: fc.integer({ min: 1, max: 70_000 }) });
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 4, maxLength: 40 }),
      fc.array(fc.boolean()),
      (steps, keeps) => {
        const pool = new BufferPool();
        const kept: { readonly packet: Uint8Array; readonly letter: string }[] = [];
        const peers = [..."abc"].map((letter) => ({
          framer: new Framer(undefined, pool),
          stream: framed("B", letter.repeat(CHUNK_BYTES)),
          letter,
          at: 0,
        }));
        let packets = 0;
        for (const { who, bytes } of steps) {
          const peer = peers[who];
          assert.ok(peer);
          for (let left = bytes; left > 0; ) {
            const piece = peer.stream.slice(peer.at, peer.at + left);
            peer.at = (peer.at + piece.length) % peer.stream.length;
            left -= piece.length;
            peer.framer.push(piece, (packet) => {
              assert.ok(isAll(packet, peer.letter));
              packets += 1;
              if (keeps[packets] === true) return void kept.push({ packet, letter: peer.letter });
              peer.framer.release(packet);
              peer.framer.release(packet); // a second time is none
            });
          }
        }
        for (const { packet, letter } of kept) assert.ok(isAll(packet, letter));
      },
    ),
    { seed: 2, numRuns: 60 },
  );
});

test("Framer: a length field alone allocates little", () => {
  const header = framed("B", new Uint8Array(MAX_PACKET_BYTES - 1)).slice(0, 5);
  const before = process.memoryUsage().arrayBuffers;
  const framers = Array.from({ length: 200 }, () => {
    const framer = new Framer();
    framer.push(header, () => assert.fail("no packet yet"));
    return framer;
  });
  const heldBytes = (process.memoryUsage().arrayBuffers - before) / framers.length;
  assert.ok(heldBytes < 17_000, `${heldBytes} bytes each`);
});

function isAll(packet: Uint8Array, letter: string): boolean {
  const text = Buffer.from(packet).toString("latin1");
  return text === `B${letter.repeat(CHUNK_BYTES)}`;
}
