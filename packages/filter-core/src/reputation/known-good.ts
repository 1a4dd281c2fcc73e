import type { Domain } from "@postern/smtp-filter";
import type { Facts, ListFact } from "../facts/facts.ts";
import type { Policy } from "../policy/policy.ts";
import { alignedDomainOf, isWithin } from "./alignment.ts";

/** From some 25 clean messages on, or a few that our users wrote there. */
const GOOD_SCORE = 75;

/**
 * Whose a client is that is known here to be good, so that it can bear witness for or against a DNS list: by DMARC
 * and a good record, by a list of good addresses, or as one of the shared pools.
 *
 * Who can have many such identities? Many domains, networks and clean mails are cheap: snowshoe senders have hundreds,
 * and a list that names them is right. So a record counts only where one of our users has written to the domain.
 * A signed mail can be sent again from anywhere: so the address itself has to be one that the domain sends from (SPF).
 * Good addresses and confirmed names of big providers are not to be had. And whom another operator lists as well is
 * rather bad than wrongly listed.
 *
 * @param operator of the zone in question: what its lists say is no witness for or against it; null: of none.
 * @returns undefined where the client is a stranger.
 */
export function knownGood(
  facts: Facts,
  policy: Policy,
  operator: string | null,
): Domain | undefined {
  if (facts.standing !== "outside" || facts.forwarder !== undefined) return undefined;
  const others = (facts.lists ?? []).filter((list) => list.operator !== operator);
  if (others.flatMap(labelsOf).some((label) => !isOfGood(label))) return undefined;
  return ofRecord(facts, policy) ?? ofPool(facts, policy) ?? ofGoodList(facts, policy, others);
}

function ofRecord(facts: Facts, policy: Policy): Domain | undefined {
  const { spf, reputation = {}, correspondents } = facts;
  const domain = alignedDomainOf(facts);
  if (policy.reputation === undefined || domain === undefined || spf === undefined)
    return undefined;
  const { result, domain: sender, permits } = spf.mailfrom;
  const isItsOwn =
    result === "pass" && permits === "some" && sender !== null && isWithin(sender, domain);
  const isFriend = correspondents === "address" || correspondents === "domain";
  const key = `domain:${domain}`;
  const score = Object.hasOwn(reputation, key) ? reputation[key] : undefined;
  return isItsOwn && isFriend && score !== undefined && score >= GOOD_SCORE ? domain : undefined;
}

function ofPool(facts: Facts, { reputation }: Policy): Domain | undefined {
  const name = confirmedName(facts);
  if (name === undefined) return undefined;
  return (reputation?.sharedPools ?? []).flatMap((pool) =>
    pool.by === "domain" && isWithin(name, pool.domain) ? [pool.domain] : [],
  )[0];
}

/** Only labels that the policy gives credit for. */
function ofGoodList(
  facts: Facts,
  { credits }: Policy,
  others: readonly ListFact[],
): Domain | undefined {
  const isGood = others
    .flatMap(labelsOf)
    .some((label) => isOfGood(label) && (credits[`lists.${label}`] ?? 0) > 0);
  return isGood ? confirmedName(facts) : undefined;
}

function confirmedName({ reverseName, fcrdns }: Facts): Domain | undefined {
  return fcrdns === "pass" && reverseName?.status === "found" ? reverseName.value : undefined;
}

function labelsOf({ result }: ListFact): readonly string[] {
  return result.status === "found" ? result.value : [];
}

function isOfGood(label: string): boolean {
  return label.startsWith("dnswl");
}
