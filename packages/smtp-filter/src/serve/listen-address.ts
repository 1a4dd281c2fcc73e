/** Where a filter listens, and where an MTA finds it. */
export type ListenAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "inet"; readonly host: string; readonly port: number };

/**
 * Reads `unix:/path`, `local:/path`, `/path`, `inet:host:port`, `inet:[::1]:port` and sendmail's `inet:port@host`.
 * Paths are absolute; port 0 is any free one. undefined for everything else.
 */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const path = /^(?:(?:unix|local):)?(\/[^\0]*[^/\0])$/i.exec(text)?.[1];
  if (path !== undefined) return { kind: "unix", path };
  const inet = /^inet6?:(.+)$/i.exec(text)?.[1];
  if (inet === undefined) return undefined;
  const portFirst = /^(\d{1,5})@(.+)$/.exec(inet);
  if (portFirst !== null) return parseInet(portFirst[2] ?? "", portFirst[1] ?? "");
  const hostFirst = /^(\[[^\]]*\]|[^:]+):(\d{1,5})$/.exec(inet);
  return hostFirst === null ? undefined : parseInet(hostFirst[1] ?? "", hostFirst[2] ?? "");
}

/** As {@link parseListenAddress} reads it. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return `inet:${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

function parseInet(bracketed: string, portText: string): ListenAddress | undefined {
  const port = Number(portText);
  const host = /^\[([0-9a-f.]*:[0-9a-f:.]*)\]$/i.exec(bracketed)?.[1] ?? bracketed;
  if (port > 65535 || !/^(?:[\w.-]+|[0-9a-f:.]+)$/i.test(host)) return undefined;
  return { kind: "inet", host, port };
}
