import type { Clock } from "../clock.ts";

/** A clock that moves only when told to. */
export interface FakeClock extends Clock {
  /** Moves on, runs what falls due in its order, and lets every promise settle in between. */
  advance(ms: number): Promise<void>;
}

export function fakeClock(): FakeClock {
  const timers = new Set<{ readonly dueMs: number; readonly run: () => void }>();
  let now = 0;
  const nextDue = (untilMs: number) =>
    [...timers]
      .filter(({ dueMs }) => dueMs <= untilMs)
      .sort((one, other) => one.dueMs - other.dueMs)[0];
  return {
    nowMs: () => now,
    wallMs: () => Date.UTC(2026, 10, 24) + now,
    after: (ms, run) => {
      const timer = { dueMs: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: async (ms) => {
      const untilMs = now + ms;
      await settle();
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer);
        now = timer.dueMs;
        timer.run();
        await settle();
      }
      now = untilMs;
    },
  };
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
