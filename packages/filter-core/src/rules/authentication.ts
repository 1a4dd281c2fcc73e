import type { DkimFact, SpfFact } from "../facts/authentication.ts";
import type { Facts } from "../facts/facts.ts";
import { anyPasses, isUnknown } from "../facts/signatures.ts";
import { readHelo } from "./helo.ts";
import type { Rule } from "./rule.ts";

/** All large receivers require SPF or DKIM. */
const nothingPasses: Rule = {
  id: "auth.none",
  group: "auth",
  kind: "weighed",
  stage: "message",
  summary: "Neither SPF nor DKIM passes.",
  voidedBy: ["allow", "forwarder", "spf", "dkim", "dmarc"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["spf", "dkim", "from", "helo", "fcrdns", "reverseName"],
  check: (facts) => {
    const { spf, dkim, from } = facts;
    if (spf === undefined || dkim === undefined) return undefined;
    const { result } = spf.mailfrom;
    if (result === "pass" || result === "temperror") return undefined;
    if (anyPasses(dkim) || dkim.some(isUnknown)) return undefined;
    const explanation = `${saySpf(spf.mailfrom)}, and ${sayDkim(dkim)}`;
    if (from !== "null-sender") return { explanation };
    if (isHeloVouchedFor(facts)) return undefined;
    return { explanation: `${explanation}; the HELO name is not confirmed either`, atMost: 1 };
  },
};

export const authenticationRules: readonly Rule[] = [nothingPasses];

/**
 * Bounces have no envelope sender and often no signature: for them an authenticated HELO name is enough, by SPF
 * (RFC 7208 section 2.3) or by FCrDNS. A failed lookup counts as confirmed.
 */
export function isHeloVouchedFor({ spf, helo, fcrdns, reverseName }: Facts): boolean {
  if (spf?.helo.result === "pass" || spf?.helo.result === "temperror") return true;
  const name = helo === null ? undefined : readHelo(helo);
  if (name?.kind !== "name") return false;
  if (fcrdns === undefined || fcrdns === "temperror") return true;
  return fcrdns === "pass" && reverseName?.status === "found" && reverseName.value === name.domain;
}

function saySpf({ domain, result }: SpfFact): string {
  return domain === null ? "there is no domain to check SPF for" : `SPF of ${domain} is ${result}`;
}

function sayDkim({ length }: readonly DkimFact[]): string {
  if (length === 0) return "there is no DKIM signature";
  return length === 1
    ? "its DKIM signature does not pass"
    : `none of ${length} DKIM signatures passes`;
}
