import { isIPv6 } from "node:net";

/** The connection a proxy speaks for; both addresses are of one family. */
export interface ProxiedConnection {
  readonly source: string;
  readonly sourcePort: number;
  /** Default: 198.51.100.25 or 2001:db8::25, port 25. */
  readonly destination?: string;
  readonly destinationPort?: number;
}

const signature = "0d0a0d0a000d0a515549540a";
const version2Proxy = 0x21;
const tcpOver = { ipv4: 0x11, ipv6: 0x21 } as const;

/**
 * The header of the PROXY protocol, version 2, that a client sends before all else.
 * https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt section 2.2
 * @throws {RangeError} if the addresses are of different families.
 */
export function proxyV2Header(connection: ProxiedConnection): Buffer {
  const { source, sourcePort, destinationPort = 25 } = connection;
  const family = isIPv6(source) ? "ipv6" : "ipv4";
  const destination =
    connection.destination ?? (family === "ipv6" ? "2001:db8::25" : "198.51.100.25");
  if (isIPv6(source) !== isIPv6(destination)) {
    throw new RangeError(
      `Cannot proxy ${source} to ${destination}: they are of different families`,
    );
  }
  const body = Buffer.concat([
    addressBytes(source),
    addressBytes(destination),
    uint16(sourcePort),
    uint16(destinationPort),
  ]);
  const kind = Buffer.from([version2Proxy, tcpOver[family]]);
  return Buffer.concat([Buffer.from(signature, "hex"), kind, uint16(body.length), body]);
}

function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail] = address.split("::");
  const before = groups(head);
  const after = groups(tail ?? "");
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return Buffer.concat([...before, ...(tail === undefined ? [] : zeros), ...after].map(uint16));
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}
