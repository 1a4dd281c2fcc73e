import type { Clock } from "../clock.ts";
import type { Ask } from "./question.ts";
import { fault } from "./resolver.ts";

export interface Limits {
  /** Questions under way at the same time. */
  readonly inFlight: number;
  /** Questions in line behind them. */
  readonly waiting: number;
}

export interface Limit {
  readonly ask: Ask;
  counters(): LimitCounters;
}

export interface LimitCounters {
  readonly inFlight: number;
  readonly waiting: number;
  /** Questions given up: the line was full, or their time was over before their turn came. */
  readonly turnedAway: number;
}

/** c-ares shares no state between questions here, so the cap is what bounds sockets and memory. */
export const LIMITS: Limits = { inFlight: 100, waiting: 1_000 };

/** Bounds the questions under way. Who waits keeps the deadline it came with. */
export function limit(ask: Ask, clock: Clock, limits: Limits): Limit {
  const line = new Set<() => void>();
  let inFlight = 0;
  let turnedAway = 0;

  /** Whether a place was had before `untilMs`. A place that frees is handed over, so nobody can overtake. */
  const takePlace = (untilMs: number): boolean | Promise<boolean> => {
    if (inFlight < limits.inFlight) {
      inFlight += 1;
      return true;
    }
    if (line.size >= limits.waiting) return false;
    return new Promise((resolve) => {
      const proceed = () => {
        cancel();
        resolve(true);
      };
      const cancel = clock.after(untilMs - clock.nowMs(), () => {
        line.delete(proceed);
        resolve(false);
      });
      line.add(proceed);
    });
  };

  const leavePlace = () => {
    const [next] = line;
    if (next === undefined) {
      inFlight -= 1;
      return;
    }
    line.delete(next);
    next();
  };

  return {
    ask: async (question) => {
      if (!(await takePlace(question.untilMs))) {
        turnedAway += 1;
        return fault("too many questions");
      }
      try {
        return await ask(question);
      } finally {
        leavePlace();
      }
    },
    counters: () => ({ inFlight, waiting: line.size, turnedAway }),
  };
}
