import type { SealedMethod } from "../facts/authentication.ts";
import type { FactName, Facts } from "../facts/facts.ts";
import type { Stage } from "../facts/stage.ts";
import type { Policy } from "../policy/policy.ts";
import type { RuleKind } from "../policy/rule-kind.ts";

/** What cancels a debt; several are alternatives. */
type Voider =
  /** An allow entry. Not where the policy makes the rule a hard one, unless `allowCancels` is `rules`. */
  | "allow"
  /** An allow entry, only where `allowCancels` is `rules`. */
  | "allow-rules"
  /** The client is a forwarder that the site named: the rule sees the forwarder's faults, not the sender's. */
  | "forwarder"
  /** A sealer that the site named reports this method as pass. */
  | SealedMethod;

/** How the engine treats a rule, whatever its weight in a policy. */
export interface RulePapers {
  readonly voidedBy: readonly Voider[];
  /**
   * What a refusal says of the client. `nothing`: it is our own decision, or a failed lookup. `our-record`: it repeats
   * what has been learned here, so its debt is not one of the message, either.
   */
  readonly evidence: "refused" | "misconfigured" | "nothing" | "our-record";
  /** `temporary`: a fault that the operator may not know of; while it is young the refusal is a 4xx. */
  readonly firstRefusal: "temporary" | "permanent";
  /** The facts that `check` reads. A test compares this with what it does read. */
  readonly restsOn: readonly FactName[];
}

/** What an administrator, a log line or a page needs to know about a rule. */
export interface RuleInfo extends RulePapers {
  /** Stable: logs, policies and docs use it. */
  readonly id: string;
  /** Debts of one group count up to its cap, so that two signs of one fault do not count twice. */
  readonly group: string;
  readonly kind: RuleKind;
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
