/** Spamhaus has one page for all of its zones. */
const SPAMHAUS = "https://check.spamhaus.org/query/ip/{ip}";

/** Where the operators of well-known lists explain a listing and take removals; `{ip}` is the client. */
const PAGES: ReadonlyMap<string, string> = new Map([
  ["zen.spamhaus.org", SPAMHAUS],
  ["sbl.spamhaus.org", SPAMHAUS],
  ["xbl.spamhaus.org", SPAMHAUS],
  ["pbl.spamhaus.org", SPAMHAUS],
  ["css.spamhaus.org", SPAMHAUS],
  ["sbl-xbl.spamhaus.org", SPAMHAUS],
  ["bl.spamcop.net", "https://www.spamcop.net/bl.shtml?{ip}"],
  ["psbl.surriel.com", "https://psbl.org/listing?ip={ip}"],
  ["b.barracudacentral.org", "https://www.barracudacentral.org/lookups/lookup-reputation?ip={ip}"],
  ["bl.mailspike.net", "https://mailspike.org/"],
  ["list.dnswl.org", "https://www.dnswl.org/s/?s={ip}"],
]);

/**
 * The page of a well-known list.
 *
 * @param zone without an access key.
 * @returns null where we know none.
 */
export function knownPage(zone: string): string | null {
  return zone.endsWith(".dq.spamhaus.net") ? SPAMHAUS : (PAGES.get(zone) ?? null);
}
