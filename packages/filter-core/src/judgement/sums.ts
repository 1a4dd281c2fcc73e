import type { Credit, Facts } from "../facts/facts.ts";
import type { Policy } from "../policy/policy.ts";
import { creditLeft } from "../reputation/distrust.ts";
import { badnessOf, learnedCredits } from "../reputation/learned.ts";
import type { Observation } from "./observation.ts";

/** Credit, and how much a bad reputation raises debts. */
export interface Trust {
  readonly credit: number;
  /** 0 to 1. */
  readonly badness: number;
}

/** @param which `connection`: only what is known before the message. */
export function trustOf(facts: Facts, policy: Policy, which: "all" | "connection"): Trust {
  return { credit: sumCredit(facts, policy, which), badness: badnessOf(facts, policy, which) };
}

/**
 * A bad learned reputation raises debt by up to half. What a sender owes for our own record of him is not raised by it:
 * the same marks would count twice, and users' marks alone would refuse mail that is in order.
 */
export function raisedDebt(
  observations: readonly Observation[],
  { caps }: Policy,
  { badness }: Trust,
): number {
  const ofRecord = observations.filter(({ papers }) => papers.evidence === "our-record");
  const ofMessage = observations.filter((one) => !ofRecord.includes(one));
  return sumDebt(ofMessage, caps) * (1 + badness / 2) + sumDebt(ofRecord, caps);
}

/** The balance that is compared with the thresholds: debt minus credit, where credit may offset it. */
export function balanceOf(
  observations: readonly Observation[],
  policy: Policy,
  trust: Trust,
): number {
  const unpayable = observations.filter(({ paidBy }) => paidBy === "nobody");
  return Math.max(
    raisedDebt(observations, policy, trust) - trust.credit,
    raisedDebt(unpayable, policy, trust),
  );
}

/** Debts of one group count up to its cap, so that one fault does not count twice. */
export function sumDebt(observations: readonly Observation[], caps: Policy["caps"]): number {
  const byGroup = Map.groupBy(observations, ({ group }) => group);
  return [...byGroup].reduce((sum, [group, seen]) => {
    const debt = sumByOperator(seen, caps["operator"] ?? Number.POSITIVE_INFINITY);
    const cap = Math.max(caps[group] ?? debt, ...seen.map((one) => one.cap ?? 0));
    return sum + Math.min(debt, cap);
  }, 0);
}

/** Lists of one operator are capped together: they are not independent. */
function sumByOperator(observations: readonly Observation[], cap: number): number {
  const byOperator = Map.groupBy(observations, ({ operator }) => operator);
  return [...byOperator].reduce((sum, [operator, seen]) => {
    const debt = seen.reduce((total, one) => total + one.debt, 0);
    return sum + (operator === null ? debt : Math.min(debt, cap));
  }, 0);
}

/** Credit has a cap, too; of what is left of it, the same part is left. */
export function sumCredit(facts: Facts, policy: Policy, which: "all" | "connection"): number {
  const sum = creditsOf(facts, policy, which).reduce((total, { amount }) => total + amount, 0);
  const cap = policy.caps["credit"];
  return cap === undefined ? sum : Math.min(sum, cap * creditLeft(facts, policy, which));
}

/**
 * Learned reputation and DNSWL listings, each as far as it counts; the highest credit of each label counts once.
 *
 * @param which `connection`: only what is known before the message.
 */
export function creditsOf(
  facts: Facts,
  policy: Policy,
  which: "all" | "connection",
): readonly Credit[] {
  const { credits = [], lists = [] } = facts;
  const labels = new Set(
    lists.flatMap(({ result }) => (result.status === "found" ? result.value : [])),
  );
  const listed = [...labels].flatMap((label): Credit[] => {
    const source = `lists.${label}`;
    const amount = policy.credits[source];
    return amount === undefined ? [] : [{ source, amount, of: "connection" }];
  });
  const given = credits.filter(({ of }) => which === "all" || of === "connection");
  const left = creditLeft(facts, policy, which);
  return [...given, ...learnedCredits(facts, policy, which), ...listed].flatMap((credit) =>
    left > 0 ? [{ ...credit, amount: credit.amount * left }] : [],
  );
}
