import type { Facts } from "./facts.ts";
import type { Kind } from "./kind.ts";
import type { Policy } from "./policy.ts";
import type { Stage } from "./stage.ts";

/** What an administrator, a log line or a page needs to know about a rule. */
export interface RuleInfo {
  /** Stable: logs, policies and docs use it. */
  readonly id: string;
  /** Debts of one group count up to its cap, so that two signs of one fault do not count twice. */
  readonly group: string;
  readonly kind: Kind;
  /** The stage at which its facts are complete. */
  readonly stage: Stage;
  /** One sentence an administrator can read. */
  readonly summary: string;
  /** `nobody`: credit does not offset it. With a forged author, the reputation that comes with the mail is not the sender's. */
  readonly paidBy?: "nobody";
  /** Result in junk mode if no debt marks the mail. Default: a deferral accepts, other refusals are junk. */
  readonly inJunkMode?: "accept" | "junk";
}

/**
 * A named, documented, pure function from facts to at most one finding. It observes; the policy decides.
 * A rule without `check` observes nothing; it exists so that policies can name it, and the balance decides.
 */
export interface Rule extends RuleInfo {
  readonly check?: (facts: Facts, policy: Policy) => Finding | undefined;
}

export interface Finding {
  /** What was seen, in words a postmaster can act on. Client text in it is encoded ({@link quoteBytes}). */
  readonly explanation: string;
  /** The value that the tiers of the policy are compared with; required from a rule with tiers. */
  readonly measure?: number;
  /** An upper limit for the debt of this finding, whatever the policy says. */
  readonly atMost?: number;
  /** If it differs from the rule's stage. */
  readonly stage?: Stage;
  /** The DNS zone of the listing or score: `{zone}` in replies. */
  readonly zone?: string;
  /** The list's page about the client: `{url}` in replies. */
  readonly url?: string;
  /** Who runs the list: debts of one operator sum up to the cap `operator` at most. */
  readonly operator?: string;
}
