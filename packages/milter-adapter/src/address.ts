import type { IpAddress } from "@postern/filter-core";

/** Where to listen, or to connect to. */
export type MilterAddress = UnixAddress | InetAddress;

export interface UnixAddress {
  readonly kind: "unix";
  readonly path: string;
  /** Permission bits of the socket, such as 0o660. Default: what the umask leaves of 0o777. */
  readonly mode?: number;
  /** A group by its name in /etc/group, or a number. */
  readonly group?: string | number;
}

export interface InetAddress {
  readonly kind: "inet";
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Which peers may connect. Default: all. */
  readonly allowRemote?: (address: IpAddress) => boolean;
}

/** The address as Postfix writes it, for messages. */
export function formatAddress(address: MilterAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `inet:${host}:${address.port}`;
}
