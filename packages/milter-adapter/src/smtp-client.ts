import { type Client, type Mta, parseIpAddress, traitsOf } from "@postern/smtp-filter";
import type { Peer } from "./wire/command.ts";
import type { MacroStore } from "./wire/macros.ts";

/** Who connected to the MTA, from the CONNECT packet and the macros before it. */
export function describeClient(peer: Peer, macros: MacroStore): Client {
  const mta = describeMta(peer, macros);
  const isInet = peer.family === "inet" || peer.family === "inet6";
  const address = (isInet ? parseIpAddress(peer.address) : undefined) ?? null;
  return {
    address,
    port: isInet && peer.port !== 0 ? peer.port : null,
    origin: isLocal(peer, address, mta) ? "local" : "network",
    localAddress:
      parseIpAddress(macros.get("daemon_addr") ?? "") ??
      parseIpAddress(macros.get("if_addr") ?? "") ??
      null,
    localPort: parsePort(macros.get("daemon_port")),
    daemonName: macros.get("daemon_name") || null,
    mta,
  };
}

/** Postfix says `Postfix 3.7.11` in `v`. Sendmail says `8.17.1.9` where asked; else its habits tell. */
function describeMta(peer: Peer, macros: MacroStore): Mta {
  const version = macros.get("v") || null;
  const postfix = version === null ? null : /^Postfix(?: (.*))?$/.exec(version);
  if (postfix !== null) return { name: "postfix", version: postfix[1] || null };
  const writesIpv6Tag = peer.family === "inet6" && /^ipv6:/i.test(peer.address);
  const isSendmail =
    (version !== null && /^8\.\d+\./.test(version)) ||
    writesIpv6Tag ||
    macros.get("if_name") !== undefined;
  return { name: isSendmail ? "sendmail" : "milter", version };
}

/**
 * Local submissions: a unix socket or no socket at all (sendmail -bs), or port 0 from loopback
 * (Postfix non_smtpd_milters). Postfix says `unknown` also of a remote client whose address a proxy kept back.
 */
function isLocal(peer: Peer, address: string | null, mta: Mta): boolean {
  switch (peer.family) {
    case "unix":
      return true;
    case "unknown":
      return traitsOf(mta.name).withoutAddress === "local";
    default:
      return peer.port === 0 && (address === "::1" || address?.startsWith("127.") === true);
  }
}

function parsePort(text: string | undefined): number | null {
  const port = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port < 0x10000 ? port : null;
}
