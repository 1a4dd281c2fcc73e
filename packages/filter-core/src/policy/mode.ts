/**
 * What is done with a verdict. `enforce`: applied. `junk`: refusals become junk, deferrals are accepted.
 * `observe`: nothing is refused, delayed or marked.
 */
export const MODES = ["observe", "junk", "enforce"] as const;
export type Mode = (typeof MODES)[number];

/** The most lenient of the modes given; `fallback` where there is none. */
export function mildestMode(modes: readonly Mode[], fallback: Mode): Mode {
  return MODES.find((mode) => modes.includes(mode)) ?? fallback;
}

/** The strictest of the modes given; `fallback` where there is none. */
export function strictestMode(modes: readonly Mode[], fallback: Mode): Mode {
  return MODES.findLast((mode) => modes.includes(mode)) ?? fallback;
}
