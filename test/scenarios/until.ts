import assert from "node:assert/strict";

/**
 * Waits for what another process does; bounded.
 * @throws {AssertionError} with what `explain` says, if it did not come in time.
 */
export async function until(
  isTrue: () => boolean,
  explain: () => string = () => "",
  ms = 60_000,
): Promise<void> {
  for (let turn = 0; turn < ms / 20; turn += 1) {
    if (isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`what was waited for did not come within ${ms} ms\n${explain()}`);
}
