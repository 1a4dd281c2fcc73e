import type { Group } from "./mail.ts";
import type { Figures } from "./shares.ts";

/** Something the policy must reach, and whether it has. */
export interface Goal {
  readonly text: string;
  readonly isReached: boolean;
}

/** Means over the seeds, against what is asked of the policy. */
export function goalsOf(
  all: (arm: string) => readonly Figures[],
  ofGroup: (arm: string, group: Group) => readonly Figures[],
  replayChanges: readonly number[],
): readonly Goal[] {
  const mean = (of: readonly Figures[], figure: keyof Figures): number =>
    of.reduce((sum, one) => sum + one[figure], 0) / Math.max(1, of.length);
  const atMost = (what: string, share: number, percent: number): Goal => ({
    text: `${what}: ${(100 * share).toFixed(2)} % (at most ${percent} %)`,
    // What is shown as 0.00 % is a handful of messages in a hundred thousand.
    isReached: Number((100 * share).toFixed(2)) <= percent,
  });
  const [ten, three, before] = ["10 %", "3 %", "10 %, without complaints"];
  const changed = replayChanges.reduce((sum, one) => sum + one, 0);
  return [
    atMost("10 % mark: spam let in", mean(all(ten), "spamIn"), 10),
    atMost(
      "10 % mark: good mail refused that is not refused without complaints",
      Math.max(0, mean(all(ten), "goodRefused") - mean(all(before), "goodRefused")),
      0,
    ),
    atMost("10 % mark: good mail as junk", mean(all(ten), "goodJunk"), 1.7),
    atMost("10 % mark: hijacked let in", mean(ofGroup(ten, "hijacked domains"), "spamIn"), 20),
    atMost(
      "10 % mark: launderers let in",
      mean(ofGroup(ten, "launderer, spam after 15 days"), "spamIn"),
      20,
    ),
    atMost("3 % mark: spam let in", mean(all(three), "spamIn"), 29),
    {
      text: `victims of a replay: ${changed} of their messages end otherwise (none)`,
      isReached: changed === 0,
    },
  ];
}
