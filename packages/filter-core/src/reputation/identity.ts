import {
  type Domain,
  type IpAddress,
  isIpv6,
  networkAround,
  parseDomain,
  parseIpAddress,
  unreachable,
} from "@postern/smtp-filter";
import type { Facts } from "../facts/facts.ts";
import { IDENTITY_KINDS, type IdentityKind } from "../policy/identity-kinds.ts";
import type { SharedPool } from "../policy/policy.ts";
import { alignedDomainOf, isBackedBySpf } from "./alignment.ts";
import { authorKey, parseAuthorKey } from "./author-key.ts";
import { hasSharedMailboxes, isSharedPool } from "./shared-pools.ts";

/** An authenticated identity. Created only in this file. */
export interface Identity {
  readonly kind: IdentityKind;
  /**
   * `author:a@example.com`, `domain:example.com`, `address:192.0.2.1`, `network:2001:db8:1::/48`: one canonical form per
   * identity, in printable ASCII. Of names that only a signature proves, in mail of one network:
   * `domain:example.com@192.0.2.0/24`.
   */
  readonly key: string;
}

/** One customer of a provider has a /64 and may use any address in it; a site has a /48. */
const LENGTHS = { address: { v4: 32, v6: 64 }, network: { v4: 24, v6: 48 } } as const;

/** The same limit as for verified signatures. */
const MAX_SIGNERS = 5;

/** Where a client has no address that is its own, what only a signature proves is kept apart, too. */
const NO_NETWORK = "*";

/**
 * Reads `kind:subject` as a person writes it: `address:2001:db8::1` is the /64 it lies in.
 *
 * @returns undefined if it names nobody.
 */
export function parseIdentity(text: string): Identity | undefined {
  const colon = text.indexOf(":");
  const kind = IDENTITY_KINDS.find((word) => word === text.slice(0, Math.max(0, colon)));
  const subject = text.slice(colon + 1);
  switch (kind) {
    case undefined:
      return undefined;
    case "address":
    case "network":
      return parseRange(kind, subject);
    case "spf":
      return parseName(kind, subject);
    case "author":
    case "domain":
    case "dkim":
      return parseName(kind, subject) ?? parseSigned(kind, subject);
    default:
      return unreachable(kind);
  }
}

/** The same name, without the network it was seen in; undefined: it has none. */
export function withoutNetwork({ kind, key }: Identity): Identity | undefined {
  const at = key.lastIndexOf("@");
  const isBound = at !== -1 && parseSigned(kind, key.slice(kind.length + 1)) !== undefined;
  return isBound ? { kind, key: key.slice(0, at) } : undefined;
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
 * A signature passes wherever the message is sent from again. Where nothing but a signature proves a name, it stands for
 * that name in the client's network only, so that who replays a message harms nobody else.
 *
 * @param pools big senders: whoever uses the same address or domain is not evidence of its other users.
 */
export function identitiesOf(facts: Facts, pools: readonly SharedPool[]): readonly Identity[] {
  if (facts.standing !== "outside") return [];
  const before = known.get(facts);
  if (before?.pools === pools) return before.identities;
  const identities = findIdentities(facts, pools);
  known.set(facts, { pools, identities });
  return identities;
}

/** One judgement asks several times, and facts do not change. */
const known = new WeakMap<
  Facts,
  { readonly pools: readonly SharedPool[]; readonly identities: readonly Identity[] }
>();

function findIdentities(facts: Facts, pools: readonly SharedPool[]): readonly Identity[] {
  const author = facts.dmarc?.domain ?? null;
  const isTenant =
    author !== null && alignedDomainOf(facts) !== undefined && hasSharedMailboxes(author, pools);
  return [
    ...ofAuthor(facts),
    ...(isTenant ? [] : [...ofNames(facts), ...ofSender(facts)]),
    ...ofConnection(facts, pools),
  ];
}

function ofAuthor(facts: Facts): readonly Identity[] {
  const { dmarc, header } = facts;
  if (header?.author.status !== "one" || alignedDomainOf(facts) === undefined) return [];
  const { domain, localPart } = header.author;
  const key = localPart === undefined ? undefined : authorKey(localPart, domain);
  if (key === undefined || domain !== dmarc?.domain) return [];
  return [{ kind: "author", key: `author:${key}${boundTo(domain, facts)}` }];
}

function ofNames(facts: Facts): readonly Identity[] {
  const domain = alignedDomainOf(facts);
  const signers = (facts.dkim ?? []).flatMap(({ result, domain: signer }) =>
    result === "pass" && signer !== null ? [signer] : [],
  );
  const identity = (kind: "domain" | "dkim", name: Domain): Identity => ({
    kind,
    key: `${kind}:${name}${boundTo(name, facts)}`,
  });
  return [
    ...(domain === undefined ? [] : [identity("domain", domain)]),
    ...[...new Set(signers)].slice(0, MAX_SIGNERS).map((signer) => identity("dkim", signer)),
  ];
}

/** Nothing where SPF backs the name, too: only its owner lets servers send for it. */
function boundTo(name: Domain, facts: Facts): string {
  if (isBackedBySpf(name, facts)) return "";
  const { address } = facts.client;
  return `@${address === null ? NO_NETWORK : rangeText("network", address)}`;
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

function parseName(kind: IdentityKind, subject: string): Identity | undefined {
  const name = kind === "author" ? parseAuthorKey(subject) : parseDomain(subject);
  return name === undefined ? undefined : { kind, key: `${kind}:${name}` };
}

/** A name in mail of one network: `example.com@192.0.2.0/24`. */
function parseSigned(kind: IdentityKind, subject: string): Identity | undefined {
  if (kind !== "author" && kind !== "domain" && kind !== "dkim") return undefined;
  const at = subject.lastIndexOf("@");
  const name = at === -1 ? undefined : parseName(kind, subject.slice(0, at));
  const where = subject.slice(at + 1);
  const range = where === NO_NETWORK ? `network:${NO_NETWORK}` : parseRange("network", where)?.key;
  if (name === undefined || range === undefined) return undefined;
  return { kind, key: `${name.key}@${range.slice("network:".length)}` };
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
  return { kind, key: `${kind}:${rangeText(kind, address)}` };
}

function rangeText(kind: "address" | "network", address: IpAddress): string {
  const length = lengthOf(kind, address);
  return length === 32 ? address : networkAround(address, length).text;
}

function lengthOf(kind: "address" | "network", address: IpAddress): number {
  return isIpv6(address) ? LENGTHS[kind].v6 : LENGTHS[kind].v4;
}
