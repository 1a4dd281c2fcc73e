/** Time as the runtime sees it; tests put their own in. All values are milliseconds. */
export interface Clock {
  /** Monotonic; only differences mean something. */
  nowMs(): number;
  /** Since 1970-01-01T00:00:00Z. */
  wallMs(): number;
  /**
   * Runs `run` once, `ms` from now or at once where that is past, and keeps the process alive until then: a deadline always fires.
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
    // Node writes a warning about a negative time.
    const timer = setTimeout(run, Math.max(0, ms));
    return () => clearTimeout(timer);
  },
};
