import type { Facts } from "../facts.ts";
import { type IpAddress, isIpv6, networkAround, parseIpAddress } from "../ip-address.ts";
import { parseDomain } from "../names.ts";
import type { SharedPool } from "../policy.ts";
import { alignedDomainOf } from "./alignment.ts";
import { isSharedPool } from "./shared-pools.ts";

/** Kinds of identities that can have a reputation, the most trustworthy first. */
export const IDENTITY_KINDS = ["domain", "dkim", "spf", "address", "network"] as const;
export type IdentityKind = (typeof IDENTITY_KINDS)[number];

/** An authenticated identity. Created only in this file. */
export interface Identity {
  readonly kind: IdentityKind;
  /** `domain:example.com`, `address:192.0.2.1`, `network:2001:db8:1::/48`: one canonical form per identity. */
  readonly key: string;
}

/** One customer of a provider has a /64 and may use any address in it; a site has a /48 (SECURITY.md T40). */
const LENGTHS = { address: { v4: 32, v6: 64 }, network: { v4: 24, v6: 48 } } as const;

/** The same limit as for verified signatures. */
const MAX_SIGNERS = 5;

/**
 * Reads `kind:subject` as a person writes it: `address:2001:db8::1` is the /64 it lies in.
 *
 * @returns undefined if it names nobody.
 */
export function parseIdentity(text: string): Identity | undefined {
  const colon = text.indexOf(":");
  const kind = IDENTITY_KINDS.find((word) => word === text.slice(0, Math.max(0, colon)));
  const subject = text.slice(colon + 1);
  if (kind === undefined) return undefined;
  if (kind === "address" || kind === "network") return parseRange(kind, subject);
  const domain = parseDomain(subject);
  return domain === undefined ? undefined : { kind, key: `${kind}:${domain}` };
}

/** The identity of an address: itself, or its /64. */
export function addressIdentity(address: IpAddress): Identity {
  return rangeIdentity("address", address);
}

/** The identity of its network: its /24, or its /48. */
export function networkIdentity(address: IpAddress): Identity {
  return rangeIdentity("network", address);
}

/**
 * Whom a connection or a message has proved to come from, in the order of {@link IDENTITY_KINDS}. What From or
 * HELO merely claims is nobody: only so can nobody earn or lose in another's name.
 *
 * @param pools big senders: whoever uses the same address is not evidence of its other users.
 */
export function identitiesOf(facts: Facts, pools: readonly SharedPool[]): readonly Identity[] {
  if (facts.standing !== "outside") return [];
  return [...ofMessage(facts), ...ofSender(facts), ...ofConnection(facts, pools)];
}

function ofMessage(facts: Facts): readonly Identity[] {
  const domain = alignedDomainOf(facts);
  const signers = (facts.dkim ?? []).flatMap(({ result, domain: signer }) =>
    result === "pass" && signer !== null ? [signer] : [],
  );
  return [
    ...(domain === undefined ? [] : [{ kind: "domain", key: `domain:${domain}` } as const]),
    ...[...new Set(signers)]
      .slice(0, MAX_SIGNERS)
      .map((signer) => ({ kind: "dkim", key: `dkim:${signer}` }) as const),
  ];
}

/** With the null sender this is the name of HELO (RFC 7208 section 2.4), which SPF authenticates just as well. */
function ofSender({ spf, forwarder }: Facts): readonly Identity[] {
  if (spf === undefined || forwarder?.by === "client") return [];
  const { result, domain, permits } = spf.mailfrom;
  // A record that allows every address authenticates nobody.
  const isProved = result === "pass" && permits === "some" && domain !== null;
  return isProved ? [{ kind: "spf", key: `spf:${domain}` }] : [];
}

/** A configured forwarder relays mail of others. */
function ofConnection(facts: Facts, pools: readonly SharedPool[]): readonly Identity[] {
  const { address } = facts.client;
  if (address === null || facts.forwarder?.by === "client" || isSharedPool(facts, pools)) return [];
  return [addressIdentity(address), networkIdentity(address)];
}

function parseRange(kind: "address" | "network", subject: string): Identity | undefined {
  const slash = subject.indexOf("/");
  const address = parseIpAddress(slash === -1 ? subject : subject.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash !== -1 && subject.slice(slash + 1) !== String(lengthOf(kind, address)))
    return undefined;
  return rangeIdentity(kind, address);
}

function rangeIdentity(kind: "address" | "network", address: IpAddress): Identity {
  const length = lengthOf(kind, address);
  const text = length === 32 ? address : networkAround(address, length).text;
  return { kind, key: `${kind}:${text}` };
}

function lengthOf(kind: "address" | "network", address: IpAddress): number {
  return isIpv6(address) ? LENGTHS[kind].v6 : LENGTHS[kind].v4;
}
