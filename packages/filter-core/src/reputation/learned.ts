import type { Credit, Facts } from "../facts/facts.ts";
import { isUnknown } from "../facts/signatures.ts";
import type { IdentityKind } from "../policy/identity-kinds.ts";
import type { Policy } from "../policy/policy.ts";
import { provedAuthorOf } from "./alignment.ts";
import { badnessFor, creditFor } from "./estimate.ts";
import { type Identity, identitiesOf } from "./identity.ts";
import { hasSharedMailboxes } from "./shared-pools.ts";

/** A bad network counts half as much as a bad address: most hosts in it did nothing wrong. */
const SHARE_OF_BADNESS: Readonly<Record<IdentityKind, number>> = {
  author: 1,
  domain: 1,
  dkim: 1,
  spf: 1,
  address: 1,
  network: 0.5,
};

/**
 * Learned credit: the best of each kind of identity, if the policy has a credit for it. What clean mail alone has earned is
 * cut to its cap: whoever wants to spam later can send clean mail to himself.
 *
 * @param which `connection`: only what is known before the message.
 */
export function learnedCredits(
  facts: Facts,
  policy: Policy,
  which: "all" | "connection",
): readonly Credit[] {
  if (policy.reputation === undefined) return [];
  const earned = [...bestOf(facts, policy)]
    // The reputation of a network is too weak to let a client past RCPT.
    .filter(([kind]) => which === "all" || kind === "address")
    .map(([kind, { score, vouched }]) => {
      const source = `reputation.${kind}`;
      const max = policy.credits[source] ?? 0;
      const byPeople = creditFor(vouched, max);
      return { kind, source, byPeople, byMail: Math.max(0, creditFor(score, max) - byPeople) };
    });
  const sum = earned.reduce((total, { byMail }) => total + byMail, 0);
  const part = sum > 0 ? Math.min(1, (policy.caps["clean"] ?? sum) / sum) : 0;
  const credits = earned.flatMap(({ kind, source, byPeople, byMail }): Credit[] => {
    const amount = byPeople + byMail * part;
    return amount > 0
      ? [{ source, amount, of: kind === "address" ? "connection" : "message" }]
      : [];
  });
  return which === "all" ? [...credits, ...writtenToCredit(facts, policy)] : credits;
}

/** The best score of each kind, and the best that people vouch for. */
function bestOf(
  facts: Facts,
  policy: Policy,
): ReadonlyMap<IdentityKind, Pick<Scored, "score" | "vouched">> {
  const best = new Map<IdentityKind, Pick<Scored, "score" | "vouched">>();
  for (const { kind, score, vouched } of scoresOf(facts, policy)) {
    const before = best.get(kind) ?? { score: 0, vouched: 0 };
    best.set(kind, {
      score: Math.max(before.score, score),
      vouched: Math.max(before.vouched, vouched),
    });
  }
  return best;
}

/** How much a bad reputation raises debts, 0 to 1: by the worst of the identities. */
export function badnessOf(facts: Facts, policy: Policy, which: "all" | "connection"): number {
  if (policy.reputation === undefined) return 0;
  return scoresOf(facts, policy)
    .filter(({ kind }) => which === "all" || kind === "address" || kind === "network")
    .map(({ kind, score }) => badnessFor(score) * SHARE_OF_BADNESS[kind])
    .reduce((worst, badness) => Math.max(worst, badness), 0);
}

/**
 * Whether anything is known here of a message's address or domains. `unclear`: it cannot be told now, which is never
 * held against anybody.
 */
export function familiarity(facts: Facts, policy: Policy): "known" | "unknown" | "unclear" {
  const { correspondents, spf, dkim = [], dmarc, reputation } = facts;
  if (correspondents === "address" || correspondents === "domain") return "known";
  if (policy.reputation === undefined || reputation === undefined) return "unclear";
  if (scoresOf(facts, policy).some(({ kind }) => kind !== "network")) return "known";
  const isUnclear =
    correspondents === "temperror" ||
    spf?.mailfrom.result === "temperror" ||
    dmarc?.result === "temperror" ||
    dkim.some(isUnknown);
  return isUnclear ? "unclear" : "unknown";
}

/** One of our users wrote there first. In a domain that hosts mailboxes for everybody only the full address counts. */
function writtenToCredit(facts: Facts, policy: Policy): readonly Credit[] {
  const { correspondents } = facts;
  const author = provedAuthorOf(facts);
  if (author === undefined || (correspondents !== "address" && correspondents !== "domain"))
    return [];
  const pools = policy.reputation?.sharedPools ?? [];
  if (correspondents === "domain" && hasSharedMailboxes(author, pools)) return [];
  const source = `writtenTo.${correspondents}`;
  const amount = policy.credits[source] ?? 0;
  return amount > 0 ? [{ source, amount, of: "message" }] : [];
}

interface Scored extends Identity {
  readonly score: number;
  /** By people alone, without clean mail. */
  readonly vouched: number;
}

/** What the store, or whoever speaks for it, says of the identities that the facts have earned. */
function scoresOf(facts: Facts, { reputation }: Policy): readonly Scored[] {
  const { reputation: scores, vouched = {} } = facts;
  if (scores === undefined || reputation === undefined) return [];
  return identitiesOf(facts, reputation.sharedPools).flatMap((identity) => {
    const of = (from: typeof scores): number | undefined =>
      Object.hasOwn(from, identity.key) ? from[identity.key] : undefined;
    const score = of(scores);
    return score === undefined ? [] : [{ ...identity, score, vouched: of(vouched) ?? score }];
  });
}
