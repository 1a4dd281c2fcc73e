import type { Credit, Facts } from "./facts.ts";
import type { Observation } from "./observation.ts";
import type { Policy } from "./policy.ts";

/** Debts of one group count up to its cap: two names for one fault are one fault. */
export function sumDebt(observations: readonly Observation[], caps: Policy["caps"]): number {
  const byGroup = Map.groupBy(observations, ({ group }) => group);
  return [...byGroup].reduce((sum, [group, seen]) => {
    const debt = sumByOperator(seen, caps["operator"] ?? Number.POSITIVE_INFINITY);
    const cap = Math.max(caps[group] ?? debt, ...seen.map((one) => one.cap ?? 0));
    return sum + Math.min(debt, cap);
  }, 0);
}

/** Several lists of one operator are one opinion. */
function sumByOperator(observations: readonly Observation[], cap: number): number {
  const byOperator = Map.groupBy(observations, ({ operator }) => operator);
  return [...byOperator].reduce((sum, [operator, seen]) => {
    const debt = seen.reduce((total, one) => total + one.debt, 0);
    return sum + (operator === null ? debt : Math.min(debt, cap));
  }, 0);
}

/** Trust counts up to its cap too. */
export function sumCredit(facts: Facts, policy: Policy, which: "all" | "connection"): number {
  const sum = creditsOf(facts, policy)
    .filter(({ of }) => which === "all" || of === "connection")
    .reduce((total, { amount }) => total + amount, 0);
  return Math.min(sum, policy.caps["credit"] ?? sum);
}

/** What was learned, and what lists of good addresses say: of one label the best word counts, and once. */
export function creditsOf({ credits = [], lists = [] }: Facts, policy: Policy): readonly Credit[] {
  const labels = new Set(
    lists.flatMap(({ result }) => (result.status === "found" ? result.value : [])),
  );
  const listed = [...labels].flatMap((label): Credit[] => {
    const source = `lists.${label}`;
    const amount = policy.credits[source];
    return amount === undefined ? [] : [{ source, amount, of: "connection" }];
  });
  return [...credits, ...listed];
}
