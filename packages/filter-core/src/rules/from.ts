import type { Domain } from "@postern/smtp-filter";
import type { Facts } from "../facts/facts.ts";
import { isUnknown } from "../facts/signatures.ts";
import { findAllowed } from "../policy/client-list.ts";
import type { Policy } from "../policy/policy.ts";
import { dmarcFailureOf } from "./dmarc.ts";
import type { Rule } from "./rule.ts";

/** RFC 5322 section 3.6 allows one From field; otherwise mail programs may show different authors. */
const notOneAuthor: Rule = {
  id: "from.not-one",
  group: "from",
  kind: "hard",
  stage: "message",
  summary: "From does not contain exactly one mailbox.",
  voidedBy: ["allow"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["header"],
  check: ({ header }) =>
    header?.author.status === "not-one" ? { explanation: header.author.reason } : undefined,
};

/** Our users send through this server or sign with DKIM; any other use of our domain is a mistake or a forgery. */
const ourDomain: Rule = {
  id: "from.ours",
  group: "ours",
  kind: "weighed",
  stage: "message",
  paidBy: "nobody",
  summary:
    "One of our own domains is in From, but neither DMARC nor a DKIM signature of ours passes.",
  voidedBy: ["allow-rules", "forwarder", "dmarc"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: [
    "header",
    "site",
    "dmarc",
    "dkim",
    "spf",
    "now",
    "client",
    "from",
    "helo",
    "heloAddress",
    "recipients",
    "reverseName",
    "fcrdns",
  ],
  check: (facts, policy) => {
    const author = ownAuthorOf(facts);
    if (author === undefined || isOtherRuleEnough(facts, policy) || mayBeOurs(author, facts))
      return undefined;
    return {
      explanation: `From has our own domain ${author}, but the mail came from outside without a valid DKIM signature of ours`,
    };
  },
};

/** Forged fields must be removed, or later readers trust them; removing many costs the mail server more than the mail itself. */
const forgedFlood: Rule = {
  id: "from.forged-results",
  group: "from",
  kind: "hard",
  stage: "message",
  summary:
    "Header fields claim to have been added by this server: more than 20, or one that hides its name.",
  voidedBy: ["allow"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["forgedFields"],
  check: ({ forgedFields }) =>
    forgedFields === "flood"
      ? {
          explanation:
            "more than 20 header fields claim to have been added by this server, or one that hides its name",
        }
      : undefined,
};

export const fromHardRules: readonly Rule[] = [notOneAuthor, forgedFlood];
export const ourDomainRules: readonly Rule[] = [ourDomain];

function ownAuthorOf({ header, site }: Facts): Domain | undefined {
  if (header?.author.status !== "one") return undefined;
  const { domain } = header.author;
  return site.localDomains.includes(domain) ? domain : undefined;
}

/**
 * If our own DMARC record has p=reject or p=quarantine, the dmarc rules already cover this, unless the policy has
 * switched them off or an allow entry cancels them; an allow entry never cancels from.ours.
 */
function isOtherRuleEnough(facts: Facts, policy: Policy): boolean {
  const id = dmarcFailureOf(facts);
  if (id === undefined || id === "dmarc.none") return false;
  return policy.rules[id] !== undefined && findAllowed(policy.allow, facts) === undefined;
}

/** A result that could not be looked up, or was not gathered, may still be ours. */
function mayBeOurs(author: Domain, { dmarc, dkim, spf, site }: Facts): boolean {
  if (dmarc === undefined || dkim === undefined || spf === undefined) return true;
  if (dmarc.result === "pass" || dmarc.result === "temperror") return true;
  const isFamily = (domain: Domain | null): boolean =>
    domain !== null &&
    (domain === author ||
      domain.endsWith(`.${author}`) ||
      (author.endsWith(`.${domain}`) && site.localDomains.includes(domain)));
  if (dkim.some((one) => isFamily(one.domain) && (one.result === "pass" || isUnknown(one))))
    return true;
  // If there is a DMARC record, its result already includes SPF.
  const { result, domain } = spf.mailfrom;
  if (domain !== author) return false;
  return result === "temperror" || (result === "pass" && dmarc.result === "none");
}
