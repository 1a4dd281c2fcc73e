/** The address of a peer: an IPv4 client of a listener on `::` comes with a mapped one. Empty for a unix socket. */
export function plainAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:(?=[\d.]+$)/i, "") ?? "";
}

/** Who connected, for events: `192.0.2.1:41000`, `[2001:db8::1]:41000`, `unix`. */
export function peerName(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return "unix";
  const host = plainAddress(address);
  return `${host.includes(":") ? `[${host}]` : host}:${port ?? 0}`;
}
