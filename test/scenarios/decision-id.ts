import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";

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

/** A refusal ends in the decision id, whole, where the policy wants it: that of the article does not. */
export function assertId(reply: string, { config }: Pick<Scenario, "config">): void {
  const isWanted = !JSON.stringify(config["policy"] ?? "").includes("poolp-2019");
  assert.equal(MARK.test(reply), isWanted, `${reply}: ${isWanted ? "no" : "a"} decision id`);
}
