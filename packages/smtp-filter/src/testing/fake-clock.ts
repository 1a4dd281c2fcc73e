import type { Clock } from "../clock.ts";

/** A clock that moves only when told to. */
export interface FakeClock extends Clock {
  /** Moves on by `ms`, runs what falls due in its order, and lets every promise settle in between. */
  advance(ms: number): Promise<void>;
  /** The same without waiting for any promise; how many timers that were. */
  advanceNow(ms: number): number;
  /** Moves on to the next timer and runs it; false if there is none. */
  fireNext(): boolean;
  /** How many timers wait. */
  pending(): number;
}

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** Starts at 2026-11-24T12:00:00Z, with a monotonic time that is not zero. */
export function fakeClock(): FakeClock {
  const startWallMs = Date.UTC(2026, 10, 24, 12);
  const startMs = 1_000;
  const timers = new Set<Timer>();
  let now = startMs;

  const nextDue = (untilMs: number): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs <= untilMs && (first === undefined || timer.dueMs < first.dueMs)) {
        first = timer;
      }
    }
    return first;
  };

  const run = (timer: Timer): void => {
    timers.delete(timer);
    now = timer.dueMs;
    timer.run();
  };

  return {
    nowMs: () => now,
    wallMs: () => startWallMs + now - startMs,
    after: (ms, run) => {
      const timer = { dueMs: now + Math.max(0, ms), run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: async (ms) => {
      const untilMs = now + ms;
      await settle();
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        run(timer);
        await settle();
      }
      now = untilMs;
      await settle();
    },
    advanceNow: (ms) => {
      const untilMs = now + ms;
      let ran = 0;
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        run(timer);
        ran += 1;
      }
      now = untilMs;
      return ran;
    },
    fireNext: () => {
      const timer = nextDue(Number.POSITIVE_INFINITY);
      if (timer !== undefined) run(timer);
      return timer !== undefined;
    },
    pending: () => timers.size,
  };
}

/** Lets all promise callbacks run that can run without the outside world. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
