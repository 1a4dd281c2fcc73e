import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { table } from "./table.ts";

/** How a mail server's tests send a row's mail, once its zone and configuration are in place. */
export interface Player {
  prepare(scenario: Scenario): Promise<void>;
  play(scenario: Scenario): Promise<unknown>;
  lines(): readonly string[];
}

const PATIENCE_MS = 30_000;

/** A user who has logged in writes to somebody; when the answer comes, its author has credit for it. */
export async function assertOutgoingTeaches({ prepare, play, lines }: Player): Promise<void> {
  const [incoming] = table;
  assert.ok(incoming);
  const answer: Scenario = { ...incoming, remembered: { reputation: {}, seen: "retry" } };
  await prepare(answer);
  const seen = lines().length;
  const isOf = (line: string): boolean => / message .*from=<a@example\.com>/.test(line);
  await play(answer);
  await lineAfter(lines, seen, isOf, (line) => !line.includes("credits="));
  await play({
    ...answer,
    client: { ip: "198.51.100.7", user: "carol" },
    from: "carol@example.org",
    rcpt: ["a@example.com"],
  });
  // What is learned is written a moment later.
  const until = Date.now() + PATIENCE_MS;
  const isCredited = () =>
    lines()
      .slice(seen)
      .some((line) => isOf(line) && /credits=\S*writtenTo\.address:8/.test(line));
  while (!isCredited() && Date.now() < until) await play(answer);
  assert.ok(isCredited(), lines().slice(seen).join("\n"));
}

async function lineAfter(
  lines: () => readonly string[],
  seen: number,
  isOf: (line: string) => boolean,
  isAsMeant: (line: string) => boolean,
): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  const found = () => lines().slice(seen).find(isOf);
  while (found() === undefined && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(isAsMeant(found() ?? assert.fail(lines().slice(seen).join("\n"))), found());
}
