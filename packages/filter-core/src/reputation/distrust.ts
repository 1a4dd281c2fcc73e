import type { Complaints } from "../facts/complaints.ts";
import type { Facts } from "../facts/facts.ts";
import type { Policy } from "../policy/policy.ts";
import { estimateComplaints } from "./complaints.ts";
import { type Identity, identitiesOf } from "./identity.ts";

/** One of a message's identities that users complained about. */
export interface Distrusted extends Identity {
  readonly complaints: Complaints;
  /** Above 0, to 1. */
  readonly distrust: number;
  /** What it costs. */
  readonly debt: number;
}

/** The identities that users complained about, the most expensive first. */
export function distrustedOf(facts: Facts, { reputation }: Policy): readonly Distrusted[] {
  const { complaints } = facts;
  const { complaints: policy, sharedPools = [] } = reputation ?? {};
  if (complaints === undefined || policy === undefined) return [];
  return identitiesOf(facts, sharedPools)
    .flatMap((identity): Distrusted[] => {
      const told = Object.hasOwn(complaints, identity.key) ? complaints[identity.key] : undefined;
      if (told === undefined) return [];
      const { distrust } = estimateComplaints(told);
      const debt = policy.debts[identity.kind] * distrust;
      return distrust > 0 ? [{ ...identity, complaints: told, distrust, debt }] : [];
    })
    .toSorted((a, b) => b.debt - a.debt);
}

/** The external score from which on credit counts in full, and up to which it counts nothing. */
const SCORES = { nothing: 30, full: 70 } as const;

/**
 * The part of all credit that is left, 0 to 1: less the more users complain, and the less an external score thinks of the
 * address. Who has a good record and sends spam today has lost his server, or has waited for this day.
 *
 * @param which `connection`: only what is known before the message.
 */
export function creditLeft(facts: Facts, policy: Policy, which: "all" | "connection"): number {
  const worst = distrustedOf(facts, policy)
    .filter(({ kind }) => which === "all" || kind === "address" || kind === "network")
    .reduce((greatest, { distrust }) => Math.max(greatest, distrust), 0);
  return (1 - worst) * scoreFactor(facts);
}

/** 1 where no score is known. */
function scoreFactor({ scores = [] }: Facts): number {
  const lowest = scores.reduce(
    (least, { result }) => (result.status === "found" ? Math.min(least, result.value) : least),
    Number.POSITIVE_INFINITY,
  );
  const { nothing, full } = SCORES;
  return Math.min(1, Math.max(0, (lowest - nothing) / (full - nothing)));
}
