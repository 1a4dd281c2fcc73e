import assert from "node:assert/strict";
import { test } from "node:test";
import { Intake } from "./intake.ts";

/** As a disk that takes longer for a block than a slice may last. */
function holdUp(): void {
  const until = performance.now() + 3;
  while (performance.now() < until);
}

for (const { name, lineBytes, lines, aSlice } of [
  { name: "long lines", lineBytes: 40_000, lines: 20, aSlice: 2 },
  { name: "short lines", lineBytes: 70, lines: 200, aSlice: 32 },
] as const) {
  test(`Intake: ${name} that are slow to take leave room for everything else`, async () => {
    let taken = 0;
    const slices: number[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const intake = new Intake({
      take() {
        taken += 1;
        holdUp();
      },
      settle() {
        slices.push(taken);
        taken = 0;
      },
      onEmpty: resolve,
    });
    intake.push(Buffer.from(`${"x".repeat(lineBytes)}\n`.repeat(lines)));
    await promise;
    assert.equal(
      slices.reduce((sum, count) => sum + count, 0),
      lines,
    );
    assert.ok(Math.max(...slices) <= aSlice, slices.join(" "));
  });
}
