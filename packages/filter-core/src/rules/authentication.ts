import type { DkimFact, SpfFact } from "../authentication.ts";
import type { Facts } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { readHelo } from "./helo.ts";
import { anyPasses, isUnknown } from "./signatures.ts";

/** Who stands behind a message says so by SPF or by DKIM; every large receiver asks for one of them. */
const nothingPasses: Rule = {
  id: "auth.none",
  group: "auth",
  kind: "weighed",
  stage: "message",
  summary: "Neither SPF nor DKIM passes.",
  check: (facts) => {
    const { spf, dkim, from } = facts;
    if (spf === undefined || dkim === undefined) return undefined;
    const { result } = spf.mailfrom;
    if (result === "pass" || result === "temperror") return undefined;
    if (anyPasses(dkim) || dkim.some(isUnknown)) return undefined;
    const explanation = `${saySpf(spf.mailfrom)}, and ${sayDkim(dkim)}`;
    if (from !== "null-sender") return { explanation };
    if (isHeloVouchedFor(facts)) return undefined;
    return { explanation: `${explanation}; nothing confirms the HELO name either`, atMost: 1 };
  },
};

export const authenticationRules: readonly Rule[] = [nothingPasses];

/**
 * Bounces have no sender and often no signature: there the name of the server is enough, by SPF (RFC 7208
 * section 2.3) or by FCrDNS. What could not be looked up may vouch yet.
 */
function isHeloVouchedFor({ spf, helo, fcrdns, reverseName }: Facts): boolean {
  if (spf?.helo.result === "pass" || spf?.helo.result === "temperror") return true;
  const name = helo === null ? undefined : readHelo(helo);
  if (name?.kind !== "name") return false;
  if (fcrdns === undefined || fcrdns === "temperror") return true;
  return fcrdns === "pass" && reverseName?.status === "found" && reverseName.value === name.domain;
}

function saySpf({ domain, result }: SpfFact): string {
  return domain === null ? "there is no domain to ask for SPF" : `SPF of ${domain} is ${result}`;
}

function sayDkim({ length }: readonly DkimFact[]): string {
  if (length === 0) return "there is no DKIM signature";
  return length === 1
    ? "its DKIM signature does not pass"
    : `none of ${length} DKIM signatures passes`;
}
