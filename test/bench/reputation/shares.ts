import type { Policy } from "@postern/filter-core";
import type { Mail } from "./mail.ts";
import { type End, play } from "./play.ts";

/** Shares of good mail and of spam, 0 to 1. */
export interface Figures {
  readonly good: number;
  readonly goodRefused: number;
  readonly goodJunk: number;
  readonly goodDelayed: number;
  readonly spamIn: number;
  readonly spamJunk: number;
}

/** How messages ended. What a launderer sends to earn a name is neither good mail nor spam, if there is other mail. */
export function figuresOf(ends: readonly End[]): Figures {
  const bait = ends.filter(({ mail }) => mail.group === "launderers' clean mail");
  const counted = bait.length === ends.length ? ends : ends.filter((end) => !bait.includes(end));
  const good = counted.filter(({ mail }) => !mail.isSpam);
  const spam = counted.filter(({ mail }) => mail.isSpam);
  const share = (of: readonly End[], is: (end: End) => boolean): number =>
    of.filter(is).length / Math.max(1, of.length);
  return {
    good: good.length,
    goodRefused: share(good, isRefused),
    goodJunk: share(good, ({ ending }) => ending === "junk"),
    goodDelayed: share(good, (end) => !isRefused(end) && end.delayMs > 0),
    spamIn: share(spam, ({ ending }) => ending === "accepted"),
    spamJunk: share(spam, ({ ending }) => ending === "junk"),
  };
}

/** How much honest mail of those whose signed messages are replayed ends otherwise than it would without the replays. */
export async function replayChanges(traffic: readonly Mail[], policy: Policy): Promise<number> {
  const victims = traffic.filter(({ group }) => group === "honest, signatures replayed by others");
  const theirs = new Set(victims);
  const replayed = traffic.filter(
    (mail) => theirs.has(mail) || mail.group === "replay of a signed message",
  );
  const readers = { markRate: 0.3 };
  const endOf = async (some: readonly Mail[]): Promise<ReadonlyMap<Mail, string>> =>
    new Map(
      (await play(some, policy, readers)).map(({ mail, ending, delayMs }) => [
        mail,
        `${ending} ${delayMs}`,
      ]),
    );
  const [alone, attacked] = [await endOf(victims), await endOf(replayed)];
  return victims.filter((mail) => alone.get(mail) !== attacked.get(mail)).length;
}

function isRefused({ ending }: End): boolean {
  return ending === "refused" || ending === "given up";
}
