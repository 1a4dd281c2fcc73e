import { type IpAddress, type Mta, parseIpAddress } from "@postern/smtp-filter";
import type { Keys } from "./keys.ts";
import { ProtocolError } from "./protocol-error.ts";

/** What every request says of the SMTP session that it is about. */
export interface ClientFacts {
  /** What no other session of this mail server has; null: nothing is resumed. */
  readonly session: string | null;
  /** Without one the client is local. */
  readonly ip: string | null;
  readonly address: IpAddress | null;
  readonly port: number | null;
  readonly localAddress: IpAddress | null;
  readonly localPort: number | null;
  readonly helo: string | null;
  /** Cipher or version. */
  readonly tls: string | null;
  readonly auth: string | null;
  readonly mta: Mta;
}

/** @throws {ProtocolError} if the mail server is neither Exim nor notqmail. */
export function clientFacts(keys: Keys): ClientFacts {
  const ip = keys.get("ip") || null;
  return {
    session: keys.get("session") || null,
    ip,
    address: parseIpAddress(ip ?? "") ?? null,
    port: parsePort(keys.get("port")),
    localAddress: parseIpAddress(keys.get("lip") ?? "") ?? null,
    localPort: parsePort(keys.get("lport")),
    helo: keys.get("helo") || null,
    tls: keys.get("tls") || null,
    auth: keys.get("auth") || null,
    mta: parseMta(keys.get("mta") || "exim"),
  };
}

/** The one SMTP session that requests belong to, for them and nobody else; null: each stands alone. */
export function sessionKey({ session, ip, port, mta }: ClientFacts): string | null {
  return session === null ? null : JSON.stringify([mta.name, session, ip, port]);
}

function parseMta(text: string): Mta {
  const slash = text.indexOf("/");
  const name = slash === -1 ? text : text.slice(0, slash);
  const version = slash === -1 ? null : text.slice(slash + 1) || null;
  if (name !== "exim" && name !== "notqmail")
    throw new ProtocolError("Cannot serve this mta: it is neither exim nor notqmail");
  return { name, version };
}

function parsePort(text: string | undefined): number | null {
  const port = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port < 0x10000 ? port : null;
}
