import type { Clock } from "../clock.ts";
import { PROBE_EVERY_MS } from "../guard/breaker.ts";

/** Timers of the machine, and a calendar that can be moved on. */
export interface TestClock extends Clock {
  passTime(ms: number): void;
}

/** @param shorten how long a timer of so many milliseconds shall take. */
export function testClock(shorten: (ms: number) => number = (ms) => ms): TestClock {
  let offsetMs = 0;
  return {
    nowMs: () => performance.now(),
    wallMs: () => Date.UTC(2026, 10, 24) + performance.now() + offsetMs,
    after: (ms, run) => {
      const timer = setTimeout(run, shorten(ms));
      return () => clearTimeout(timer);
    },
    passTime: (ms) => {
      offsetMs += ms;
    },
  };
}

/** Probes a store that is down every 50 ms instead of every 5 s. */
export function quickProbes(ms: number): number {
  return ms === PROBE_EVERY_MS ? 50 : ms;
}
