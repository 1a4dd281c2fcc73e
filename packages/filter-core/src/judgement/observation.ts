import type { Stage } from "../facts/stage.ts";
import type { Policy, RulePolicy } from "../policy/policy.ts";
import type { ReplyTemplate } from "../policy/reply-template.ts";
import type { RuleKind } from "../policy/rule-kind.ts";
import type { Finding, Rule, RulePapers } from "../rules/rule.ts";

/** A finding, the rule that made it, and its weight in the policy. */
export interface Observation {
  readonly rule: string;
  readonly papers: RulePapers;
  readonly group: string;
  readonly kind: RuleKind;
  readonly stage: Stage;
  /** 0 for a hard rule, and where an allow entry cancelled it. */
  readonly debt: number;
  /** Raises the cap of its group to at least this; null: the policy's cap applies. */
  readonly cap: number | null;
  /** `nobody`: the balance is at least this debt, whatever the credit. */
  readonly paidBy: "credit" | "nobody";
  /** null: given by its reply code. */
  readonly inJunkMode: "accept" | "junk" | null;
  readonly explanation: string;
  /** What a hard rule does by itself; null for the others. */
  readonly decides: "refuse" | "junk" | null;
  readonly reply: ReplyTemplate;
  readonly tellAt: Stage;
  readonly zone: string;
  readonly url: string;
  /** The operator of the list, whose debts are capped together; null: none. */
  readonly operator: string | null;
}

/** The observation that a policy makes of a finding; undefined if its weight is 0. */
export function observe(
  papers: Rule,
  { explanation, measure, atMost = Infinity, stage = papers.stage, ...where }: Finding,
  { kind, debt, cap, tiers, reply, tellAt = "connect" }: RulePolicy,
): Observation | undefined {
  const { zone = "", url = zone, operator = null } = where;
  const common = {
    rule: papers.id,
    papers,
    group: papers.group,
    kind,
    stage,
    cap: null,
    paidBy: papers.paidBy ?? ("credit" as const),
    inJunkMode: papers.inJunkMode ?? null,
    explanation,
    reply,
    tellAt,
    zone,
    url,
    operator,
  };
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
  const weight = Math.min(tier?.debt ?? debt, atMost);
  return weight === 0 ? undefined : { ...common, debt: weight, cap: cap ?? null, decides: null };
}

/** Whether an allow entry cancels it. */
export function isCancelled({ papers, kind }: Observation, { allowCancels }: Policy): boolean {
  const { voidedBy } = papers;
  if (allowCancels === "rules")
    return voidedBy.includes("allow") || voidedBy.includes("allow-rules");
  return kind !== "hard" && voidedBy.includes("allow");
}

/** The same, without any weight. */
export function cancel(observation: Observation, why: string): Observation {
  const explanation = `${observation.explanation} (cancelled: ${why})`;
  return { ...observation, explanation, debt: 0, cap: null, decides: null };
}
