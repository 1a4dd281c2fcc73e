import type { Resolver } from "@postern/dns";
import type { Lookup } from "@postern/filter-core";
import {
  type Domain,
  type IpAddress,
  isIpv6,
  parseDomain,
  reversedName,
} from "@postern/smtp-filter";

/** Forward-confirmed reverse DNS. `none`: there is no reverse name to confirm. */
export type Fcrdns = "pass" | "fail" | "none" | "temperror";

/** What the reverse tree says about a client. */
export interface ReverseName {
  /** The alphabetically first name that confirms, else the alphabetically first. */
  readonly reverseName: Lookup<Domain>;
  readonly fcrdns: Fcrdns;
}

/** A PTR answer may list thousands of names; so many are tried (RFC 7208 section 5.5 has the same number). */
const MAX_NAMES = 10;

/**
 * Looks up the reverse name of a client and whether it is forward-confirmed (FCrDNS; RFC 8601 section 3, iprev).
 * A PTR record that holds no domain name counts as no PTR record.
 * Does not wait for names behind the first one that confirms.
 */
export async function lookUpReverseName(
  resolver: Resolver,
  address: IpAddress,
): Promise<ReverseName> {
  const answer = await resolver.ask(reversedName(address), "PTR");
  if (answer.status === "temperror") return { reverseName: answer, fcrdns: "temperror" };
  const names = answer.status === "found" ? readNames(answer.value) : [];
  const [first] = names;
  if (first === undefined) return { reverseName: { status: "none" }, fcrdns: "none" };

  const lookups = names.map((name) => ({
    name,
    addresses: resolver.ask(name, isIpv6(address) ? "AAAA" : "A"),
  }));
  let fcrdns: Fcrdns = "fail";
  for (const { name, addresses } of lookups) {
    const forward = await addresses;
    if (forward.status === "temperror") fcrdns = "temperror";
    if (forward.status === "found" && forward.value.includes(address)) {
      return { reverseName: { status: "found", value: name }, fcrdns: "pass" };
    }
  }
  return { reverseName: { status: "found", value: first }, fcrdns };
}

function readNames(records: readonly string[]): readonly Domain[] {
  const names = records.map(parseDomain).filter((name) => name !== undefined);
  return [...new Set(names)].sort().slice(0, MAX_NAMES);
}
