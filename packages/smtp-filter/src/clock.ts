/** Time as the runtime sees it; tests put their own in. All values are milliseconds. */
export interface Clock {
  /** Monotonic; only differences mean something. */
  nowMs(): number;
  /** Since 1970-01-01T00:00:00Z. */
  wallMs(): number;
  /**
   * Runs `run` once, `ms` from now, and keeps the process alive until then: a deadline always fires.
   *
   * @returns cancels it; harmless when it has run.
   */
  after(ms: number, run: () => void): () => void;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
