import type { Kind } from "./kind.ts";
import type { Policy, RulePolicy } from "./policy.ts";
import type { ReplyTemplate } from "./reply-template.ts";
import type { Finding, Rule } from "./rule.ts";
import type { Stage } from "./stage.ts";

/** A finding, the rule that made it, and what the policy says it weighs. */
export interface Observation {
  readonly rule: string;
  readonly group: string;
  readonly kind: Kind;
  readonly stage: Stage;
  /** 0 for a hard rule, and where an allow entry cancelled it. */
  readonly debt: number;
  /** The least that the cap of its group is while it stands; null: what the policy says of the group. */
  readonly cap: number | null;
  /** `nobody`: the balance is at least this debt, whatever the credit. */
  readonly paidBy: "credit" | "nobody";
  /** null: as its reply is. */
  readonly inJunkMode: "accept" | "junk" | null;
  readonly explanation: string;
  /** What a hard rule does by itself; null for the others. */
  readonly decides: "refuse" | "junk" | null;
  readonly reply: ReplyTemplate;
  readonly tellAt: Stage;
  readonly zone: string;
  readonly url: string;
  /** Whose word it is, where the words of one source are capped together; null: nobody's. */
  readonly operator: string | null;
}

/** What a policy makes of a finding; undefined where it weighs nothing. */
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
