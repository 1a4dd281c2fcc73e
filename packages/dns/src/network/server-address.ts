import { Resolver as Channel } from "node:dns";
import { isIPv6 } from "node:net";

/** Where a resolver listens. */
export interface ServerAddress {
  readonly address: string;
  readonly port: number;
  readonly family: 4 | 6;
}

const DNS_PORT = 53;

/**
 * @param servers `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:53`; none: the system's, read once.
 * @throws {TypeError} if one is not an address.
 */
export function readServers(servers: readonly string[] | undefined): readonly ServerAddress[] {
  if (servers === undefined || servers.length === 0) return new Channel().getServers().map(split);
  return servers.map((server) => {
    const reader = new Channel();
    try {
      reader.setServers([server]);
    } catch (cause) {
      throw new TypeError(
        `Cannot use DNS server ${JSON.stringify(server)}: allowed are an IP address, or one with a port as in "127.0.0.1:5353" and "[::1]:5353"`,
        { cause },
      );
    }
    return split(reader.getServers()[0] ?? server);
  });
}

/** As Node writes them: the port only where it is not 53, an IPv6 address then in brackets. */
function split(server: string): ServerAddress {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([\d.]+)):(\d+)$/.exec(server) ?? [];
  const address = bracketed ?? plain ?? server;
  return {
    address,
    port: port === undefined ? DNS_PORT : Number(port),
    family: isIPv6(address) ? 6 : 4,
  };
}
