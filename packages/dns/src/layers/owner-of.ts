import { getDomain } from "tldts";

/** Any bytes may be in a name, and 1.2.3.4 is one. */
const AS_IT_IS = {
  allowPrivateDomains: true,
  detectIp: false,
  extractHostname: false,
  validateHostname: false,
};

/**
 * Who answers for a name, for counting: the domain that somebody registered, an IPv4 /24, an IPv6 /48. By the public
 * suffix list with its private part: the names below eu.org or gouv.fr have an owner each, and one must not hold up the
 * others. Who has a suffix of his own on that list is as many owners as he likes, as is who buys many domains.
 */
export function ownerOf(name: string): string {
  const labels = name.split(".");
  if (labels.at(-1) === "arpa" && labels.at(-2) === "in-addr") return labels.slice(-5).join(".");
  if (labels.at(-1) === "arpa" && labels.at(-2) === "ip6") return labels.slice(-14).join(".");
  return getDomain(name, AS_IT_IS) ?? name;
}
