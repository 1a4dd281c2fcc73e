import type { Facts } from "./facts.ts";
import type { Kind } from "./kind.ts";
import type { Policy } from "./policy.ts";
import type { Stage } from "./stage.ts";

/** What an administrator, a log line or a page needs to know about a rule. */
export interface RuleInfo {
  /** Stable: logs, policies and docs use it. */
  readonly id: string;
  /** Debts of one group count up to the group's cap: two signs of one fault are one fault. */
  readonly group: string;
  readonly kind: Kind;
  /** The stage at which its facts are complete. */
  readonly stage: Stage;
  /** One sentence an administrator can read. */
  readonly summary: string;
  /** `nobody`: no credit makes up for it. Whose name is forged has not earned the trust that comes with the mail. */
  readonly paidBy?: "nobody";
  /** What junk mode makes of its refusal, where no debt marks the mail. Default: a deferral lets in, the rest is junk. */
  readonly inJunkMode?: "accept" | "junk";
}

/**
 * A named, documented, pure function from facts to at most one finding. It observes; the policy decides.
 * A rule without `check` is declared, so that policies can name it, and observes nothing: the sums decide it.
 */
export interface Rule extends RuleInfo {
  readonly check?: (facts: Facts, policy: Policy) => Finding | undefined;
}

export interface Finding {
  /** What was seen, in words a postmaster can act on. Client text in it is encoded ({@link quoteBytes}). */
  readonly explanation: string;
  /** The value that the tiers of the policy are held against; a rule with tiers gives one. */
  readonly measure?: number;
  /** Where this case weighs less than others: it counts no more than this, whatever the policy says. */
  readonly atMost?: number;
  /** Where it differs from the rule's. */
  readonly stage?: Stage;
  /** The DNS zone that said so: `{zone}` in replies. */
  readonly zone?: string;
  /** Its page on the client: `{url}` in replies. */
  readonly url?: string;
  /** Whose word it is: debts of one source sum up to the cap `operator` at most. */
  readonly operator?: string;
}
