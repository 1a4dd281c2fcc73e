/** What users did with the mail of one identity. Both counters fade, faster than evidence does. */
export interface Complaints {
  /** Accepted to the inbox; more for each that a user took out of junk. */
  readonly inbox: number;
  /** Marked as spam. */
  readonly spam: number;
  /** How many readers marked, as slowly forgotten as other evidence. Left out: `spam`. */
  readonly readers?: number;
}
