import type { Kind } from "./kind.ts";
import type { Policy, RulePolicy } from "./policy.ts";
import type { ReplyTemplate } from "./reply-template.ts";
import type { Finding, Rule } from "./rule.ts";
import type { Stage } from "./stage.ts";

/** A finding, the rule that made it, and its weight in the policy. */
export interface Observation {
  readonly rule: string;
  readonly group: string;
  readonly kind: Kind;
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
  { id, group, stage, paidBy, inJunkMode }: Rule,
  { explanation, measure, atMost = Infinity, stage: seenAt = stage, ...where }: Finding,
  { kind, debt, cap, tiers, reply, tellAt = "connect" }: RulePolicy,
): Observation | undefined {
  const { zone = "", url = zone, operator = null } = where;
  const common = {
    rule: id,
    group,
    kind,
    stage: seenAt,
    cap: null,
    paidBy: paidBy ?? ("credit" as const),
    inJunkMode: inJunkMode ?? null,
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

/** An allow entry cancels debts, but not the forging of our own domain, and never a hard rule of postmaster-2026. */
export function isCancelled({ rule, kind }: Observation, { allowCancels }: Policy): boolean {
  if (allowCancels === "rules") return rule !== "client.denied";
  return kind !== "hard" && rule !== "from.ours";
}

/** The same, without any weight. */
export function cancel(observation: Observation, why: string): Observation {
  const explanation = `${observation.explanation} (cancelled: ${why})`;
  return { ...observation, explanation, debt: 0, cap: null, decides: null };
}
