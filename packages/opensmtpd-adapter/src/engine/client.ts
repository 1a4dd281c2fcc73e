import { type Client, type IpAddress, parseIpAddress } from "@postern/smtp-filter";
import type { OpenedClient } from "../engine-messages.ts";
import { parseSocketAddress, type SocketAddress } from "../wire/socket-address.ts";

/** Who connected to smtpd. What it does not say, or what cannot be read, is null. */
export function describeClient({ source, destination, smtpdVersion }: OpenedClient): Client {
  const from = parseSocketAddress(source);
  const to = parseSocketAddress(destination);
  return {
    address: addressOf(from),
    port: portOf(from),
    origin: from?.kind === "local" ? "local" : "network",
    localAddress: addressOf(to),
    localPort: portOf(to),
    daemonName: null,
    mta: { name: "opensmtpd", version: smtpdVersion },
  };
}

function addressOf(socket: SocketAddress | undefined): IpAddress | null {
  return socket?.kind === "inet" ? (parseIpAddress(socket.host) ?? null) : null;
}

function portOf(socket: SocketAddress | undefined): number | null {
  return socket?.kind === "inet" ? socket.port : null;
}
