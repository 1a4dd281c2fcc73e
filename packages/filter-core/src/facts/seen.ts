/** Earlier connections stored under a key. All commands of one connection are one try. */
export type Earlier =
  | "first"
  /** `tries`: how many connections before this one. */
  | { readonly firstSecondsAgo: number; readonly tries: number };

/** What is stored about a delivery that may be retried. */
export interface SeenFact {
  /** Under `deferralKey`. `passed`: it was retried in time, and is not greylisted again. */
  readonly deferral: Earlier | "passed";
  /** Under `faultKey`. */
  readonly faults: Earlier;
}
