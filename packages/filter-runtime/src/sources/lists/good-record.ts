import type { Clock } from "@postern/smtp-filter";
import { createRoll, type GoodClient } from "./good-clients.ts";

/** `held`: what the zone says is not used, though it is still asked. */
export type Opinion = "usual" | "held" | "too many";

/** What a zone says of clients that are known here to be good. What it says of strangers tells nothing of it. */
export interface GoodRecord {
  /** One vote for each network and each owner: what was said last. */
  note(client: GoodClient, isListed: boolean): void;
  opinion(): Opinion;
  /** Whether so few of the good are listed that there is nothing to hold against the zone any more. */
  isCalm(): boolean;
  clear(): void;
}

const VOTES = { size: 200, maxAgeMs: 24 * 3_600_000 };

/** Fewer listed ones are a few hacked servers, however few votes there are. */
const MIN_LISTED = 5;
const HELD_SHARE = 0.05;
const MUTED_SHARE = 0.1;
/** Well below, so that a list does not come and go. */
const CALM_SHARE = 0.025;
const CALM_LISTED = 2;

/**
 * Of the votes of the last day, 200 at most. They grow old so that nobody who stays away decides for ever; a new
 * one of the same network or owner takes the place of the old one so that nobody fills the record alone.
 */
export function createGoodRecord(clock: Clock): GoodRecord {
  const votes = createRoll<GoodClient & { readonly isListed: boolean }>(clock, VOTES);
  let isHeld = false;

  const count = () => {
    const all = votes.all();
    return { cast: all.length, listed: all.filter(({ isListed }) => isListed).length };
  };

  const isCalm = (): boolean => {
    const { cast, listed } = count();
    return listed <= CALM_LISTED || listed <= cast * CALM_SHARE;
  };

  return {
    note: (client, isListed) => votes.put({ ...client, isListed }),
    opinion: () => {
      const { cast, listed } = count();
      if (listed >= MIN_LISTED && listed >= cast * MUTED_SHARE) return "too many";
      if (listed >= MIN_LISTED && listed > cast * HELD_SHARE) isHeld = true;
      else if (isHeld) isHeld = !isCalm();
      return isHeld ? "held" : "usual";
    },
    isCalm,
    clear: () => {
      votes.clear();
      isHeld = false;
    },
  };
}
