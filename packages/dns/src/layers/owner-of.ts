/** Where many register directly below: `co.uk`, `com.au`. A longer second label below a country is somebody's name. */
const SHORT_LABEL = 3;

/**
 * Who answers for a name, for counting: the registered domain as far as its shape shows it, an IPv4 /24, an IPv6 /48.
 * No list of public suffixes: one owner taken for two only gets twice the places.
 */
export function ownerOf(name: string): string {
  const labels = name.split(".");
  const top = labels.at(-1) ?? "";
  const second = labels.at(-2) ?? "";
  if (top === "arpa" && second === "in-addr") return labels.slice(-5).join(".");
  if (top === "arpa" && second === "ip6") return labels.slice(-14).join(".");
  const isBelowCountry = top.length === 2 && second.length <= SHORT_LABEL;
  return labels.slice(isBelowCountry ? -3 : -2).join(".");
}
