/** Labels that stand for one operator: `example.com`, an IPv4 /8, an IPv6 /32. */
const LABELS_UNDER = [
  { suffix: ".in-addr.arpa", labels: 3 },
  { suffix: ".ip6.arpa", labels: 10 },
] as const;

/** A rough idea of who answers for a name. Rough on the safe side: two operators may count as one. */
export function zoneOf(name: string): string {
  const labels = LABELS_UNDER.find(({ suffix }) => name.endsWith(suffix))?.labels ?? 2;
  return name.split(".").slice(-labels).join(".");
}
