import type { ArcFact, Facts } from "@postern/filter-core";
import { type IpAddress, networkHas } from "@postern/smtp-filter";
import type { Settings } from "./settings.ts";

/** The forwarder that the site named, if the client is one, or the last sealer of a passing ARC chain. */
export function forwarderFact(
  address: IpAddress | null,
  arc: ArcFact | undefined,
  { clients, sealers }: Settings["forwarders"],
): Pick<Facts, "forwarder"> {
  if (address !== null && clients.some((network) => networkHas(network, address)))
    return { forwarder: { by: "client" } };
  const isBelieved = arc?.result === "pass" && arc.doubt === undefined;
  const last = isBelieved ? arc.sealers.at(-1) : undefined;
  if (last === undefined || !sealers.includes(last)) return {};
  return { forwarder: { by: "arc-sealer", domain: last, passes: arc?.sealedPasses ?? [] } };
}
