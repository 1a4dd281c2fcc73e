import type { Facts } from "../facts/facts.ts";
import { findAllowed } from "../policy/client-list.ts";
import type { Policy } from "../policy/policy.ts";
import type { Rule } from "../rules/rule.ts";
import { type Decision, decide, decideEarly } from "./decision.ts";
import { isForwarded } from "./forwarding.ts";
import { cancel, isCancelled, type Observation, observe } from "./observation.ts";
import { balanceOf, raisedDebt, trustOf } from "./sums.ts";

export interface Judgement {
  readonly observations: readonly Observation[];
  readonly debt: number;
  readonly credit: number;
  /** Debt minus credit, but at least the debt that credit cannot offset. */
  readonly balance: number;
  /** How much a bad learned reputation raises the debt, 0 to 1. */
  readonly badness: number;
  /** The earliest refusal before the message. */
  readonly early: Decision | null;
  /** The decision on the whole message, as far as its facts go; null: accept. */
  readonly message: Decision | null;
  /** The same without the observations of hard and final rules before DATA: for postmaster@ and abuse@. */
  readonly messageAlone: Decision | null;
}

/** The judgement if no rule runs. */
export const NO_JUDGEMENT: Judgement = {
  observations: [],
  debt: 0,
  credit: 0,
  balance: 0,
  badness: 0,
  early: null,
  message: null,
  messageAlone: null,
};

/**
 * Runs every rule over the facts and weighs what they saw. Pure and total: same input, same judgement.
 * For clients that are not outside, no rule runs.
 */
export function judge(rules: readonly Rule[], facts: Facts, policy: Policy): Judgement {
  if (facts.standing !== "outside") return NO_JUDGEMENT;
  const allowed = findAllowed(policy.allow, facts);
  const observations = rules.flatMap((rule) => {
    const finding = rule.check?.(facts, policy);
    const weight = policy.rules[rule.id];
    if (finding === undefined || weight === undefined) return [];
    const observation = observe(rule, finding, weight);
    if (observation === undefined) return [];
    if (isForwarded(rule, facts)) return [cancel(observation, "a forwarder you trust did that")];
    return [
      allowed !== undefined && isCancelled(observation, policy)
        ? cancel(observation, `allowed by the entry ${allowed.text}`)
        : observation,
    ];
  });
  const late = observations.filter(({ kind, stage }) => kind === "weighed" || stage === "message");
  const trust = trustOf(facts, policy, "all");
  return {
    observations,
    debt: raisedDebt(observations, policy, trust),
    balance: balanceOf(observations, policy, trust),
    ...trust,
    early: decideEarly(observations, facts, policy),
    message: decide(observations, trust, facts, policy, "message"),
    messageAlone: decide(late, trust, facts, policy, "message"),
  };
}
