import { findEntry } from "./client-list.ts";
import type { Facts } from "./facts.ts";
import type { Policy, RulePolicy } from "./policy.ts";
import type { ReplyTemplate } from "./reply-template.ts";
import type { Finding, Kind, Rule } from "./rule.ts";
import { isBefore, latestOf, STAGES, type Stage } from "./stage.ts";

/** A finding, the rule that made it, and what the policy says it weighs. */
export interface Observation {
  readonly rule: string;
  readonly group: string;
  readonly kind: Kind;
  readonly stage: Stage;
  /** 0 for a hard rule, and where an allow entry cancelled it. */
  readonly debt: number;
  readonly explanation: string;
  /** What a hard rule does by itself; null for the others. */
  readonly decides: "refuse" | "junk" | null;
  readonly reply: ReplyTemplate;
  readonly tellAt: Stage;
  readonly zone: string;
}

export type Action = "accept" | "junk" | "tempfail" | "reject";

/** What the policy makes of the facts, and which rule speaks for it. */
export interface Decision {
  readonly action: Exclude<Action, "accept">;
  readonly rule: string;
  readonly decidedAt: Stage;
  /** The first stage at which the policy wants the client told. */
  readonly tellAt: Stage;
  readonly reply: ReplyTemplate;
  readonly zone: string;
}

export interface Judgement {
  readonly observations: readonly Observation[];
  readonly debt: number;
  readonly credit: number;
  /** The refusal that needs no message: the one that can be told first. */
  readonly early: Decision | null;
  /** The decision on the whole message, as far as its facts go; null: accept. */
  readonly message: Decision | null;
  /** The same without what hard and final rules saw before DATA: for postmaster@ and abuse@. */
  readonly messageAlone: Decision | null;
}

/** What is judged where no rule runs. */
export const NO_JUDGEMENT: Judgement = {
  observations: [],
  debt: 0,
  credit: 0,
  early: null,
  message: null,
  messageAlone: null,
};

/**
 * Runs every rule over the facts and weighs what they saw. Pure and total: same input, same judgement.
 * For clients that are not outside, no rule runs (POLICY.md section 1).
 */
export function judge(rules: readonly Rule[], facts: Facts, policy: Policy): Judgement {
  if (facts.standing !== "outside") return NO_JUDGEMENT;
  const allowed = findEntry(policy.allow, facts);
  const observations = rules.flatMap((rule) => {
    const finding = rule.check?.(facts, policy);
    const weight = policy.rules[rule.id];
    if (finding === undefined || weight === undefined) return [];
    const observation = observe(rule, finding, weight);
    if (observation === undefined) return [];
    return [
      allowed !== undefined && isCancelled(observation, policy)
        ? cancel(observation, allowed.text)
        : observation,
    ];
  });
  const late = observations.filter(({ kind, stage }) => kind === "weighed" || stage === "message");
  return {
    observations,
    debt: sumDebt(observations, policy.caps),
    credit: sumCredit(facts, policy, "all"),
    early: decideEarly(observations, facts, policy),
    message: decide(observations, sumCredit(facts, policy, "all"), policy, "message"),
    messageAlone: decide(late, sumCredit(facts, policy, "all"), policy, "message"),
  };
}

/** Debts of one group count up to its cap: two names for one fault are one fault. */
function sumDebt(observations: readonly Observation[], caps: Policy["caps"]): number {
  const byGroup = new Map<string, number>();
  for (const { group, debt } of observations) byGroup.set(group, (byGroup.get(group) ?? 0) + debt);
  return [...byGroup].reduce((sum, [group, debt]) => sum + Math.min(debt, caps[group] ?? debt), 0);
}

function sumCredit({ credits = [] }: Facts, { caps }: Policy, which: "all" | "connection"): number {
  const sum = credits
    .filter(({ of }) => which === "all" || of === "connection")
    .reduce((total, { amount }) => total + amount, 0);
  return Math.min(sum, caps["credit"] ?? sum);
}

function observe(
  { id, group, stage }: Rule,
  { explanation, measure, zone = "", stage: seenAt = stage }: Finding,
  { kind, debt, tiers, reply, tellAt = "connect" }: RulePolicy,
): Observation | undefined {
  const common = { rule: id, group, kind, stage: seenAt, explanation, reply, tellAt, zone };
  const tier =
    tiers && measure !== undefined ? tiers.find(({ below }) => measure < below) : undefined;
  if (tiers !== undefined && tier === undefined) return undefined;
  if (tier !== undefined && "action" in tier)
    return {
      ...common,
      kind: "hard",
      debt: 0,
      decides: tier.action === "junk" ? "junk" : "refuse",
    };
  if (kind === "hard") return { ...common, debt: 0, decides: "refuse" };
  const weight = tier?.debt ?? debt;
  return weight === 0 ? undefined : { ...common, debt: weight, decides: null };
}

/** An allow entry cancels debts, but not the forging of our own domain, and never a hard rule of postmaster-2026. */
function isCancelled({ rule, kind }: Observation, { allowCancels }: Policy): boolean {
  if (allowCancels === "rules") return rule !== "client.denied";
  return kind !== "hard" && rule !== "from.ours";
}

function cancel(observation: Observation, entry: string): Observation {
  const explanation = `${observation.explanation} (cancelled: allowed by the entry ${entry})`;
  return { ...observation, explanation, debt: 0, decides: null };
}

/** Of what could be decided at each stage, the decision that can be told first. */
function decideEarly(
  observations: readonly Observation[],
  facts: Facts,
  policy: Policy,
): Decision | null {
  const credit = sumCredit(facts, policy, "connection");
  let first: Decision | null = null;
  for (const stage of STAGES.slice(0, -1)) {
    const known = observations.filter(
      (seen) => seen.kind !== "weighed" && !isBefore(stage, seen.stage),
    );
    const decision = decide(known, credit, policy, stage);
    if (decision === null || decision.action === "junk") continue;
    if (first === null || isBefore(decision.tellAt, first.tellAt)) first = decision;
  }
  return first;
}

function decide(
  observations: readonly Observation[],
  credit: number,
  policy: Policy,
  stage: Stage,
): Decision | null {
  const { reject, junk } = policy.thresholds;
  const balance = sumDebt(observations, policy.caps) - credit;
  const [heaviest] = observations.toSorted((a, b) => b.debt - a.debt);
  const speaker =
    observations.find(({ decides }) => decides === "refuse") ??
    (balance >= reject ? heaviest : undefined);
  if (speaker !== undefined) return refuse(speaker, policy, stage);
  const marker =
    observations.find(({ decides }) => decides === "junk") ??
    (balance >= junk ? heaviest : undefined);
  return marker === undefined ? null : { ...refuse(marker, policy, stage), action: "junk" };
}

function refuse(
  { rule, reply, tellAt, zone }: Observation,
  { refuseAt }: Policy,
  stage: Stage,
): Decision {
  return {
    action: reply.code < 500 ? "tempfail" : "reject",
    rule,
    decidedAt: stage,
    tellAt: latestOf(stage, refuseAt, tellAt),
    reply,
    zone,
  };
}
