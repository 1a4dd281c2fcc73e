import type { Clock } from "@postern/smtp-filter";
import { LRUCache } from "lru-cache";

/** Longer than a resolver takes for nearly every answer, also for names that it does not know yet (chosen). */
export const SLOW_AFTER_MS = 300;

/** Times are compared by so much: less makes no difference. */
const STEP_MS = 100;
const FORGET_MS = 60_000;
const MAX_CLIENTS = 10_000;

/** For how long the questions of each client went without an answer. */
export interface UnansweredTime {
  /** A question ended without an answer, after so long. */
  note(client: string, ms: number): void;
  /**
   * In steps that count.
   *
   * @param sinceMs when those that are under way began.
   */
  of(client: string, sinceMs: readonly number[]): number;
}

/** What is beyond {@link SLOW_AFTER_MS} counts, for a minute after the last time. */
export function trackUnansweredTime(clock: Clock): UnansweredTime {
  const past = new LRUCache<string, number>({
    max: MAX_CLIENTS,
    ttl: FORGET_MS,
    ttlResolution: 0,
    perf: { now: () => clock.nowMs() },
  });
  return {
    note: (client, ms) => {
      if (ms > SLOW_AFTER_MS) past.set(client, (past.get(client) ?? 0) + ms - SLOW_AFTER_MS);
    },
    of: (client, sinceMs) => {
      const now = clock.nowMs();
      const running = sinceMs.reduce(
        (sum, since) => sum + Math.max(0, now - since - SLOW_AFTER_MS),
        0,
      );
      return Math.floor(((past.get(client) ?? 0) + running) / STEP_MS);
    },
  };
}
