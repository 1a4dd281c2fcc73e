import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytes, captures, framed, packetsOf } from "../../test-support/captures.ts";
import { Framer, MAX_PACKET_BYTES } from "./framing.ts";
import { ProtocolError } from "./protocol-error.ts";

/** The packets of a stream cut at `cuts`, as text, and the error that ended them. */
function read(stream: Uint8Array, cuts: readonly number[]): string[] {
  const framer = new Framer();
  const seen: string[] = [];
  const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
  try {
    for (const [i, from] of at.entries())
      framer.push(stream.subarray(from, at[i + 1]), (p) =>
        seen.push(Buffer.from(p).toString("latin1")),
      );
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
