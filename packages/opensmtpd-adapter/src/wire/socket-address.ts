/** Who is at one end of a connection, as smtpd writes it. The host is not checked. */
export type SocketAddress =
  | { readonly kind: "inet"; readonly host: string; readonly port: number | null }
  /** A unix socket: sendmail(8), and bounces that smtpd makes. 127.0.0.1 over TCP is not that. */
  | { readonly kind: "local" };

/**
 * Reads `192.0.2.7:40001`, `[2001:db8::25]:40000`, `[fe80::1%eth0]:25` and `unix:/path`, and what a connect request
 * has in their place: `192.0.2.7`, `[2001:db8::25]`, `local` (6.8, 7.8). undefined for everything else.
 */
export function parseSocketAddress(text: string): SocketAddress | undefined {
  if (text === "local" || text.startsWith("unix:")) return { kind: "local" };
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  const plain = bracketed ?? /^([^:[\]]+)(?::(\d{1,5}))?$/.exec(text);
  const bare = plain ?? /^([0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*(?:%.+)?)$/i.exec(text);
  const host = bare?.[1];
  if (host === undefined) return undefined;
  return { kind: "inet", host, port: parsePort(bare?.[2]) };
}

function parsePort(digits: string | undefined): number | null {
  const port = Number(digits ?? 0);
  return port > 0 && port < 0x10000 ? port : null;
}
