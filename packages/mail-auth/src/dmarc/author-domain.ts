import type { Resolver } from "@postern/dns";
import type { AuthorDomainFact } from "@postern/filter-core";
import type { Domain } from "@postern/smtp-filter";
import { registrableDomain } from "../from/registrable-domain.ts";

/**
 * Whether a domain exists, or one above it below the public suffix. Where the registrable domain does not exist, nothing
 * below it does (RFC 8020), so one question is enough.
 */
export async function lookUpAuthorDomain(
  resolver: Resolver,
  domain: Domain,
): Promise<AuthorDomainFact> {
  const answer = await resolver.ask(registrableDomain(domain) ?? domain, "MX");
  if (answer.status === "temperror") return "temperror";
  return answer.status === "none" && answer.reason === "nxdomain" ? "none" : "exists";
}
