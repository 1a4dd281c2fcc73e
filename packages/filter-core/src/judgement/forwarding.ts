import type { Facts } from "../facts/facts.ts";
import type { RulePapers } from "../rules/rule.ts";

/**
 * Whether a rule saw only the work of a hop that the site vouches for: a forwarder's own reverse name, SPF and DMARC say
 * nothing of the sender. A sealer is believed only as far as it reports that something passed.
 */
export function isForwarded({ voidedBy }: RulePapers, { forwarder }: Facts): boolean {
  if (forwarder === undefined) return false;
  if (forwarder.by === "client") return voidedBy.includes("forwarder");
  return forwarder.passes.some((method) => voidedBy.includes(method));
}
