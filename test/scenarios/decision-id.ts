import assert from "node:assert/strict";

const MARK = / \[([0-9a-f]{16})\]$/;

/**
 * The sentence of a reply without the decision id behind it. One that is there must be the id of a line of the log, or
 * nobody could find what the sender quotes.
 */
export function withoutId(reply: string, log: readonly string[]): string {
  const [mark = "", id] = MARK.exec(reply) ?? [];
  if (id !== undefined)
    assert.ok(
      log.some((line) => line.startsWith(`${id} `)),
      `${reply}: no such line in\n${log.join("\n")}`,
    );
  return reply.slice(0, reply.length - mark.length);
}
