import type { Facts } from "../facts/facts.ts";
import type { Policy } from "../policy/policy.ts";
import type { Finding, Rule } from "../rules/rule.ts";
import { policy } from "./samples.ts";

/** For tests: what a family of rules finds in facts, by rule id. */
export function findingsOf(
  rules: readonly Rule[],
  facts: Facts,
  under: Policy = policy,
): ReadonlyMap<string, Finding> {
  return new Map(
    rules.flatMap((rule) => {
      const finding = rule.check?.(facts, under);
      return finding === undefined ? [] : [[rule.id, finding] as const];
    }),
  );
}

/** The ids alone. */
export function idsSeen(
  rules: readonly Rule[],
  facts: Facts,
  under: Policy = policy,
): readonly string[] {
  return [...findingsOf(rules, facts, under).keys()];
}
