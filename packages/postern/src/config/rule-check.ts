import {
  parseReplyTemplate,
  type ReplyTemplate,
  type RulePolicy,
  type Stage,
} from "@postern/filter-core";
import { MEASURING, type MergedRule } from "./rule-merge.ts";

const DEFERRING = "defer.once";
const DEFAULT_REPLY = "550 5.7.1 refused by local policy";

/** A rule of the resolved policy; null: it is off; or a sentence that says why it cannot be. */
export function checkRule(
  id: string,
  { kind, debt, cap, tiers, reply = defaultReply() }: MergedRule,
  scorePhase: Stage | undefined,
): RulePolicy | null | string {
  if (debt === 0) return null;
  if (id === DEFERRING && (kind !== "hard" || reply.code >= 500))
    return "it asks the sender to come back, so it is hard and its reply is one of 400 to 499";
  const isMeasuring = id === MEASURING;
  if (isMeasuring && (tiers === undefined || debt !== undefined))
    return "it measures, so it needs tiers instead of one debt: [{ below: 10, debt: 10 }]; 0 switches it off";
  if (!isMeasuring && tiers !== undefined)
    return `it measures nothing, so it has no tiers, only a debt: only ${MEASURING} measures`;
  if (kind === "hard" && debt !== undefined)
    return "it is a hard rule, which decides by itself and has no debt: give it kind: final or weighed too, or debt 0 to switch it off";
  const hasDebts = tiers === undefined ? kind !== "hard" : tiers.some((tier) => "debt" in tier);
  if (kind === "hard" && hasDebts)
    return "it is a hard rule, which has no debts: give each of its tiers an action, or the rule kind: final";
  if (hasDebts && tiers === undefined && debt === undefined)
    return `it is a ${kind} rule, so it needs a debt`;
  if (!hasDebts && cap !== undefined)
    return "it has no debts, so it needs no cap: a cap is how far a rule's debts may fill its group";
  if (hasDebts && reply.code < 500)
    return `it is a ${kind} rule, which speaks for what counted in sum, and its reply ${reply.code} would make the sender try again: give it a reply of 500 to 599, or kind: hard`;
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
