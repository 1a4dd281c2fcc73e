import type { Clock } from "@postern/smtp-filter";

/** How often something runs: what one run costs is shared by all who wait for it. */
export interface Pace {
  /** Between the starts of two runs, in milliseconds. */
  readonly restMs: number;
  /** When so many wait, they need not wait that long. */
  readonly crowd: number;
  readonly crowdRestMs: number;
}

export interface PacedFlight<T> {
  /** The result of a run that begins after this call. */
  run(): Promise<T>;
  /** Whoever waits waits no longer for the pace. */
  close(): void;
}

/**
 * Runs once for all who call while it waits its turn. Who calls while it runs gets the next run, not this one: the
 * result is never from before the call. The first run after a rest begins at once.
 *
 * @param work never rejects.
 */
export function pacedFlight<T>(clock: Clock, pace: Pace, work: () => Promise<T>): PacedFlight<T> {
  let next: (PromiseWithResolvers<T> & { waiting: number }) | undefined;
  let startedAtMs = Number.NEGATIVE_INFINITY;
  let isRunning = false;
  let isClosed = false;
  let cancel = () => {};

  const begin = async (): Promise<void> => {
    const flight = next;
    next = undefined;
    isRunning = true;
    startedAtMs = clock.nowMs();
    flight?.resolve(await work());
    isRunning = false;
    arrange();
  };

  const arrange = (): void => {
    cancel();
    if (isRunning || next === undefined) return;
    const restMs = next.waiting >= pace.crowd ? pace.crowdRestMs : pace.restMs;
    const waitMs = isClosed ? 0 : startedAtMs + restMs - clock.nowMs();
    if (waitMs <= 0) void begin();
    else cancel = clock.after(waitMs, () => void begin());
  };

  return {
    run: () => {
      next ??= { ...Promise.withResolvers<T>(), waiting: 0 };
      const { promise } = next;
      next.waiting += 1;
      arrange();
      return promise;
    },
    close: () => {
      isClosed = true;
      arrange();
    },
  };
}
