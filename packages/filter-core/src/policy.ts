import type { ClientEntry, RecipientEntry } from "./client-list.ts";
import type { Network } from "./ip-address.ts";
import type { Kind } from "./kind.ts";
import type { Mode } from "./mode.ts";
import type { Domain } from "./names.ts";
import type { ReplyTemplate } from "./reply-template.ts";
import type { EvidenceKind, Weights } from "./reputation/evidence-kinds.ts";
import type { Stage } from "./stage.ts";

/** A policy, resolved: every inherited value in its place. Data, read from a file: never code. */
export interface Policy {
  readonly name: string;
  readonly mode: Mode;
  /** The stage from which a client may be told of a refusal. */
  readonly refuseAt: Exclude<Stage, "message">;
  readonly thresholds: { readonly reject: number; readonly junk: number; readonly defer: number };
  /** The most that a group of rules, or `credit`, can sum up to. */
  readonly caps: Readonly<Record<string, number>>;
  /** By source, as in `lists.dnswl-hi`: the trust it gives. */
  readonly credits: Readonly<Record<string, number>>;
  /** By rule id. A rule that is not named here is off. */
  readonly rules: Readonly<Record<string, RulePolicy>>;
  /** How long a client with score 0 waits for each answer; 0: nobody waits. */
  readonly slowFactorMs: number;
  /** Whether accepted mail gets `X-SenderScore`. */
  readonly scoreHeader: boolean;
  /** Whether what a refused client is told ends in the decision id. */
  readonly replyId: boolean;
  readonly deny: readonly ClientEntry[];
  readonly allow: readonly ClientEntry[];
  /** What an allow entry cancels: `debts` of weighed and final rules, or `rules`, all but deny. */
  readonly allowCancels: "debts" | "rules";
  readonly recipients: readonly RecipientEntry[];
  /** How senders come to be known here; left out: nothing is learned, and what was learned counts nothing. */
  readonly reputation?: ReputationPolicy;
}

/** What senders earn and lose by, and how fast it fades. */
export interface ReputationPolicy {
  readonly halfLifeDays: number;
  /** What a piece of evidence of each kind weighs; its direction is the kind's. */
  readonly weights: Weights;
  /** How many pieces of each kind count for one identity in one day. */
  readonly dailyCaps: Readonly<Record<EvidenceKind, number>>;
  /** Big senders, whose addresses earn and lose nothing. */
  readonly sharedPools: readonly SharedPool[];
}

/** What a policy makes of the observations of one rule. */
export interface RulePolicy {
  readonly kind: Kind;
  readonly debt: number;
  /** While this rule observes, the cap of its group is at least this. */
  readonly cap?: number;
  /** In rising order of `below`; the first that the measure is below counts. */
  readonly tiers?: readonly Tier[];
  readonly reply: ReplyTemplate;
  /** Where this rule is told later than `refuseAt` says (`blockPhase`). */
  readonly tellAt?: Stage;
}

/** A step of a rule that measures: a debt, or a decision. */
export type Tier =
  | { readonly below: number; readonly debt: number }
  | { readonly below: number; readonly action: "reject" | "junk" };

/** A big sender whose addresses, and mailboxes, everybody's mail comes from. */
export type SharedPool =
  | { readonly by: "network"; readonly network: Network }
  /** The domain and all below it: of the confirmed reverse name, or of the author. */
  | { readonly by: "domain"; readonly domain: Domain };
