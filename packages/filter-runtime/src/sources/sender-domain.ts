import type { Resolver } from "@postern/dns";
import type { SenderDomainFact } from "@postern/filter-core";
import type { Domain } from "@postern/smtp-filter";

/** Whether mail can go back to a domain: by MX, or by its address where it has none (RFC 5321 section 5.1). */
export async function lookUpSenderDomain(
  resolver: Resolver,
  domain: Domain,
): Promise<SenderDomainFact> {
  const exchangers = await resolver.ask(domain, "MX");
  if (exchangers.status === "temperror") return "temperror";
  if (exchangers.status === "found")
    return exchangers.value.every(({ exchange }) => exchange === ".") ? "null-mx" : "takes-mail";
  const families = await Promise.all([resolver.ask(domain, "A"), resolver.ask(domain, "AAAA")]);
  if (families.some(({ status }) => status === "found")) return "takes-mail";
  return families.some(({ status }) => status === "temperror") ? "temperror" : "nothing";
}
