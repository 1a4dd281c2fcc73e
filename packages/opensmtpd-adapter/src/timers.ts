/** Calls `fire` once after `delayMs`; the function it gives back calls that off. Tests bring their own. */
export type StartTimer = (delayMs: number, fire: () => void) => () => void;

/** The clock of the machine; a monotonic one, whatever is done to the time of day. */
export const startTimer: StartTimer = (delayMs, fire) => {
  const timer = setTimeout(fire, delayMs);
  return () => clearTimeout(timer);
};
