/** Calls `fire` once after `delayMs`; the function it gives back calls that off. Tests bring their own. */
export type StartTimer = (delayMs: number, fire: () => void) => () => void;

/** The system's monotonic clock: changes of the time of day do not affect it. */
export const startTimer: StartTimer = (delayMs, fire) => {
  const timer = setTimeout(fire, delayMs);
  return () => clearTimeout(timer);
};
