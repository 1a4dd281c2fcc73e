import { type IpAddress, type Network, networkHas, parseNetwork } from "@postern/smtp-filter";

const PRIVATE: readonly Network[] = [
  "10.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "::1",
  "fc00::/7",
  "fe80::/10",
].flatMap((text) => parseNetwork(text) ?? []);

/** Whether an address is of a network that no list knows anything of. */
export function isPrivate(address: IpAddress): boolean {
  return PRIVATE.some((network) => networkHas(network, address));
}
