/** Calls `fire` once after `delayMs`; the function it gives back calls that off. Tests bring their own. */
export type StartTimer = (delayMs: number, fire: () => void) => () => void;

/** The clock of the machine. */
export const startTimer: StartTimer = (delayMs, fire) => {
  const timer = setTimeout(fire, delayMs);
  return () => clearTimeout(timer);
};
