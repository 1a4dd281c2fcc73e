/** What is remembered of earlier connections under a key. Commands of one connection are one try. */
export type Earlier =
  | "first"
  /** `tries`: how many connections before this one. */
  | { readonly firstSecondsAgo: number; readonly tries: number };

/** What is remembered of a delivery that may be tried again. */
export interface SeenFact {
  /** Under `deferralKey`. `passed`: it came back in time once, and is not asked again. */
  readonly deferral: Earlier | "passed";
  /** Under `faultKey`. */
  readonly faults: Earlier;
}
