import { addressBytes, type IpAddress } from "@postern/filter-core";

/** The network that counts as one client: an IPv4 /24, an IPv6 /64. As a key, not to be shown. */
export function clientNetwork(address: IpAddress): string {
  const bytes = addressBytes(address);
  return bytes.slice(0, bytes.length === 4 ? 3 : 8).join(".");
}
