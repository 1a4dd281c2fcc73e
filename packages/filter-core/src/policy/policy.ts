import type { Domain, Network } from "@postern/smtp-filter";
import type { Stage } from "../facts/stage.ts";
import type { ClientEntry, RecipientEntry } from "./client-list.ts";
import type { EvidenceKind, Weights } from "./evidence-kinds.ts";
import type { IdentityKind } from "./identity-kinds.ts";
import type { Mode } from "./mode.ts";
import type { NameShape } from "./name-shape.ts";
import type { ReplyTemplate } from "./reply-template.ts";
import type { RuleKind } from "./rule-kind.ts";

/** A policy, resolved: every inherited value in its place. Data, read from a file: never code. */
export interface Policy {
  readonly name: string;
  readonly mode: Mode;
  /** The first stage at which a client may be refused. */
  readonly refuseAt: Exclude<Stage, "message">;
  readonly thresholds: { readonly reject: number; readonly junk: number; readonly defer: number };
  /** The maximum debt of each group of rules, of all `credit`, and of credit that `clean` mail alone has earned. */
  readonly caps: Readonly<Record<string, number>>;
  /** By source, such as `lists.dnswl-hi`: its credit. */
  readonly credits: Readonly<Record<string, number>>;
  /** By rule id. A rule that is not named here is off. */
  readonly rules: Readonly<Record<string, RulePolicy>>;
  /** Tarpitting: how long a client with score 0 waits for each reply; 0: off. */
  readonly slowFactorMs: number;
  /** Whether accepted mail gets `X-SenderScore`. */
  readonly scoreHeader: boolean;
  /** Whether what a refused client is told ends in the decision id. */
  readonly replyId: boolean;
  readonly deny: readonly ClientEntry[];
  readonly allow: readonly ClientEntry[];
  /** What an allow entry cancels: `debts` of weighed and final rules, or all `rules` except deny. */
  readonly allowCancels: "debts" | "rules";
  readonly recipients: readonly RecipientEntry[];
  /** Names that rules know, shipped and the site's own; absent: none. */
  readonly known?: KnownNames;
  /** How reputation is learned; absent: nothing is learned, and learned reputation is ignored. */
  readonly reputation?: ReputationPolicy;
}

/** The evidence that reputation is learned from, and its half-life. */
export interface ReputationPolicy {
  readonly halfLifeDays: number;
  /** The weight of each kind of evidence; the kind says whether it is good or bad. */
  readonly weights: Weights;
  /** How many pieces of each kind count for one identity in one day. */
  readonly dailyCaps: Readonly<Record<EvidenceKind, number>>;
  /** Large providers, whose IP addresses get no reputation. */
  readonly sharedPools: readonly SharedPool[];
  /** What users' marks cost; absent: they count as evidence only. */
  readonly complaints?: ComplaintPolicy;
}

/** What it costs that users mark a sender's mail as spam. */
export interface ComplaintPolicy {
  readonly halfLifeDays: number;
  /** By kind of identity: the debt at full distrust. */
  readonly debts: Readonly<Record<IdentityKind, number>>;
}

/** Names that many use and rules have to know. What is shipped is dated: `npm run lists:age`. */
export interface KnownNames {
  /** Domains below which anybody gets a name for nothing. */
  readonly freeTenants: readonly Domain[];
  /** Providers of free mailboxes. */
  readonly freeMail: readonly Domain[];
  /** The names in which providers sign for the author domain. */
  readonly providerSigners: readonly NameShape[];
  /** Reverse names of hosters and business lines, though they look like those of access lines. */
  readonly staticNames: readonly NameShape[];
  /** Reverse names of access lines, though nothing else in them shows it. */
  readonly lineNames: readonly NameShape[];
  /** Large providers that send mail for everybody. */
  readonly sharedPools: readonly SharedPool[];
}

/** The settings of one rule in a policy. */
export interface RulePolicy {
  readonly kind: RuleKind;
  readonly debt: number;
  /** When this rule matches, the cap of its group is at least this. */
  readonly cap?: number;
  /** In rising order of `below`; the first that the measure is below counts. */
  readonly tiers?: readonly Tier[];
  readonly reply: ReplyTemplate;
  /** If this rule refuses later than `refuseAt` (`blockPhase`). */
  readonly tellAt?: Stage;
}

/** A step of a rule that measures: a debt, or a decision. */
export type Tier =
  | { readonly below: number; readonly debt: number }
  | { readonly below: number; readonly action: "reject" | "junk" };

/** A large provider that sends mail for everybody. */
export type SharedPool =
  | { readonly by: "network"; readonly network: Network }
  /** The domain and all below it: of the confirmed reverse name, or of the author. */
  | { readonly by: "domain"; readonly domain: Domain };
