import type { Resolver } from "@postern/dns";
import type { Lookup } from "@postern/filter-core";
import type { Domain, IpAddress } from "@postern/smtp-filter";

/** The addresses of a HELO name, of both families; IPv4 first. A part of them is enough to be found. */
export async function lookUpHeloAddress(
  resolver: Resolver,
  name: Domain,
): Promise<Lookup<readonly IpAddress[]>> {
  const families = await Promise.all([resolver.ask(name, "A"), resolver.ask(name, "AAAA")]);
  const addresses = families.flatMap((family) => (family.status === "found" ? family.value : []));
  if (addresses.length > 0) return { status: "found", value: [...new Set(addresses)] };
  return families.find((family) => family.status === "temperror") ?? { status: "none" };
}
