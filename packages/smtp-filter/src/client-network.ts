import { addressBytes, type IpAddress } from "./ip-address.ts";

/** The network that counts as one client: an IPv4 /24, an IPv6 /64. As a key, not to be shown. */
export function clientNetwork(address: IpAddress): string {
  const bytes = addressBytes(address);
  return bytes.slice(0, bytes.length === 4 ? 3 : 8).join(".");
}

/** Bytes of an IPv6 /48: what one customer is given, with 65,536 networks in it. */
const SITE_BYTES = 6;

/** The site that a network of {@link clientNetwork} is in: an IPv6 /48; of an IPv4 /24 itself. */
export function clientSite(network: string): string {
  return network.split(".", SITE_BYTES).join(".");
}
