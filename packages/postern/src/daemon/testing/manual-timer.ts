import type { Clock } from "@postern/smtp-filter";

/** A clock with one timer, which rings when told to. */
export interface ManualTimer extends Pick<Clock, "after"> {
  /** Rings, and waits until the timer is set again or nothing more is done. */
  ring(): Promise<void>;
  isSet(): boolean;
}

/** For tests: looks at files touch the disk, so that no fake clock knows when they are done. */
export function manualTimer(): ManualTimer {
  let pending: (() => void) | undefined;
  let wasSet = Promise.withResolvers<void>();
  return {
    after: (_, run) => {
      pending = run;
      wasSet.resolve();
      return () => {
        pending = undefined;
      };
    },
    ring: async () => {
      const run = pending;
      if (run === undefined) throw new RangeError("Cannot ring a timer that is not set");
      pending = undefined;
      wasSet = Promise.withResolvers();
      run();
      await wasSet.promise;
    },
    isSet: () => pending !== undefined,
  };
}
