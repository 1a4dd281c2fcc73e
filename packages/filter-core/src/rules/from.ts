import { findAllowed } from "../client-list.ts";
import type { Facts } from "../facts.ts";
import type { Domain } from "../names.ts";
import type { Policy } from "../policy.ts";
import type { Rule } from "../rule.ts";
import { dmarcFailureOf } from "./dmarc.ts";
import { isUnknown } from "./signatures.ts";

/** RFC 5322 section 3.6 allows one From field; with another number each reader may see another author. */
const notOneAuthor: Rule = {
  id: "from.not-one",
  group: "from",
  kind: "hard",
  stage: "message",
  summary: "From does not hold exactly one mailbox.",
  check: ({ header }) =>
    header?.author.status === "not-one" ? { explanation: header.author.reason } : undefined,
};

/** Our own people send through us, or sign: who uses our domain otherwise is mistaken or lies. */
const ourDomain: Rule = {
  id: "from.ours",
  group: "ours",
  kind: "weighed",
  stage: "message",
  paidBy: "nobody",
  summary: "Our own domain in From, and neither DMARC nor a signature of ours passes.",
  check: (facts, policy) => {
    const author = ownAuthorOf(facts);
    if (author === undefined || isOtherRuleEnough(facts, policy) || mayBeOurs(author, facts))
      return undefined;
    return {
      explanation: `From names our own domain ${author}, but the mail neither comes through us nor carries a signature of ours that passes`,
    };
  },
};

/** Each must be removed, or what reads the mail after us believes it; many cost the mail server more than the mail. */
const forgedFlood: Rule = {
  id: "from.forged-results",
  group: "from",
  kind: "hard",
  stage: "message",
  summary: "More fields pretend to be ours than an honest message holds.",
  check: ({ forgedFields }) =>
    forgedFields === "flood"
      ? { explanation: "more than 20 header fields pretend to be ours" }
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
 * Where our own DMARC record asks for protection, its rules say the same already, unless the policy has them off or
 * an allow entry forgives them: it never forgives the forging of our domain.
 */
function isOtherRuleEnough(facts: Facts, policy: Policy): boolean {
  const id = dmarcFailureOf(facts);
  if (id === undefined || id === "dmarc.none") return false;
  return policy.rules[id] !== undefined && findAllowed(policy.allow, facts) === undefined;
}

/** What could not be looked up, or is not gathered, may be ours. */
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
  // Where there is a DMARC record, it has looked at SPF already.
  const { result, domain } = spf.mailfrom;
  if (domain !== author) return false;
  return result === "temperror" || (result === "pass" && dmarc.result === "none");
}
