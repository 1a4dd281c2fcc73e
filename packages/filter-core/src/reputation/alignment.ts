import type { Domain } from "@postern/smtp-filter";
import type { Facts } from "../facts/facts.ts";

/**
 * The organizational domain that stands behind the author by a DMARC pass; where the source does not tell it, the
 * author domain itself. undefined: nobody does. An SPF record that lets everybody send stands behind nobody.
 */
export function alignedDomainOf(facts: Facts): Domain | undefined {
  const { dmarc } = facts;
  if (dmarc?.result !== "pass" || dmarc.domain === null) return undefined;
  const { domain: author, organization } = dmarc;
  const isOurs = organization !== undefined && isWithin(author, organization);
  const root = isOurs ? organization : author;
  const vouches = proved(facts).some((name) => isWithin(name, root) || isWithin(author, name));
  return vouches ? root : undefined;
}

/**
 * The author domain, where it has proved itself: by DMARC, or, where it has no record, by its very own name in SPF or
 * DKIM.
 */
export function provedAuthorOf(facts: Facts): Domain | undefined {
  const { dmarc } = facts;
  if (dmarc === undefined || dmarc.domain === null) return undefined;
  if (dmarc.result === "pass")
    return alignedDomainOf(facts) === undefined ? undefined : dmarc.domain;
  return dmarc.result === "none" && proved(facts).includes(dmarc.domain) ? dmarc.domain : undefined;
}

/** Whether SPF or DKIM passes for the organization of the author, with or without a DMARC record (relaxed alignment). */
export function hasAlignedPass(facts: Facts): boolean {
  if (facts.header?.author.status !== "one") return false;
  const { domain } = facts.header.author;
  const organization = facts.header.organization ?? domain;
  return proved(facts).some((name) => isWithin(name, organization) || isWithin(domain, name));
}

/**
 * Whether SPF passes for a name's own organization, by a record that does not let everybody send: the client may send for
 * it. A forwarder that the site named may send for itself only.
 */
export function isBackedBySpf(name: Domain, { spf, dmarc, forwarder }: Facts): boolean {
  if (spf === undefined || forwarder?.by === "client") return false;
  const { result, domain, permits } = spf.mailfrom;
  if (result !== "pass" || permits !== "some" || domain === null) return false;
  const organization = dmarc?.organization;
  if (organization !== undefined && isWithin(name, organization))
    return isWithin(domain, organization);
  return isWithin(domain, name) || isWithin(name, domain);
}

/** Whether a name is a domain, or lies below it. */
export function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

function proved({ spf, dkim = [] }: Facts): readonly Domain[] {
  const signers = dkim.flatMap(({ result, domain }) =>
    result === "pass" && domain !== null ? [domain] : [],
  );
  if (spf === undefined) return signers;
  const { result, domain, permits } = spf.mailfrom;
  return result === "pass" && permits === "some" && domain !== null
    ? [...signers, domain]
    : signers;
}
