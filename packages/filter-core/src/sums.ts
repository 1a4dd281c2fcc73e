import type { Facts } from "./facts.ts";
import type { Observation } from "./observation.ts";
import type { Policy } from "./policy.ts";

/** Debts of one group count up to its cap: two names for one fault are one fault. */
export function sumDebt(observations: readonly Observation[], caps: Policy["caps"]): number {
  const byGroup = Map.groupBy(observations, ({ group }) => group);
  return [...byGroup].reduce((sum, [group, seen]) => {
    const debt = seen.reduce((total, one) => total + one.debt, 0);
    const cap = Math.max(caps[group] ?? debt, ...seen.map((one) => one.cap ?? 0));
    return sum + Math.min(debt, cap);
  }, 0);
}

/** Trust counts up to its cap too. */
export function sumCredit(
  { credits = [] }: Facts,
  { caps }: Policy,
  which: "all" | "connection",
): number {
  const sum = credits
    .filter(({ of }) => which === "all" || of === "connection")
    .reduce((total, { amount }) => total + amount, 0);
  return Math.min(sum, caps["credit"] ?? sum);
}
