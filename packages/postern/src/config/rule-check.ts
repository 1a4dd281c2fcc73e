import {
  DEFER_ONCE,
  parseReplyTemplate,
  type ReplyTemplate,
  type RulePolicy,
  type Stage,
} from "@postern/filter-core";
import { MEASURING, type MergedRule } from "./rule-merge.ts";
import { DEFAULT_REPLY } from "./rule-schema.ts";

/** A rule of the resolved policy; null: it is switched off; text: why it is invalid. */
export function checkRule(
  id: string,
  { kind, debt, cap, tiers, reply = defaultReply() }: MergedRule,
  scorePhase: Stage | undefined,
): RulePolicy | null | string {
  if (debt === 0) return null;
  if (id === DEFER_ONCE && (kind !== "hard" || reply.code >= 500))
    return "must be a hard rule with a reply of 400 to 499: it asks the sender to retry";
  const isMeasuring = id === MEASURING;
  if (isMeasuring && (tiers === undefined || debt !== undefined))
    return "needs tiers such as [{ below: 10, debt: 10 }] instead of one debt; debt 0 switches it off";
  if (!isMeasuring && tiers !== undefined)
    return `cannot have tiers: give it a debt (only ${MEASURING} has tiers)`;
  if (kind === "hard" && debt !== undefined)
    return "is a hard rule, which has no debt: set kind: final or kind: weighed as well, or debt 0 to switch it off";
  const hasDebts = tiers === undefined ? kind !== "hard" : tiers.some((tier) => "debt" in tier);
  if (kind === "hard" && hasDebts)
    return "is a hard rule, which has no debts: give each tier an action, or set kind: final";
  if (hasDebts && tiers === undefined && debt === undefined)
    return `is a ${kind} rule and needs a debt`;
  if (!hasDebts && cap !== undefined)
    return "has no debts: remove its cap, which limits the debts of a group";
  if (hasDebts && reply.code < 500)
    return `is a ${kind} rule, and its reply ${reply.code} would make the sender retry a permanent refusal: use a reply of 500 to 599, or set kind: hard`;
  return {
    kind,
    debt: debt ?? 0,
    ...(cap === undefined ? {} : { cap }),
    ...(tiers === undefined ? {} : { tiers }),
    reply,
    ...(isMeasuring && scorePhase !== undefined ? { tellAt: scorePhase } : {}),
  };
}

export function defaultReply(): ReplyTemplate {
  const reply = parseReplyTemplate(DEFAULT_REPLY);
  if (typeof reply === "string") throw new RangeError(`Cannot use ${DEFAULT_REPLY}: ${reply}`);
  return reply;
}
