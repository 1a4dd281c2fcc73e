import { type Domain, parseDomain, parseIpAddress, quoteBytes } from "@postern/smtp-filter";
import type { Facts } from "../facts/facts.ts";
import { recognizeGenericName } from "./generic-name.ts";
import { genericNameOf } from "./reverse-name.ts";
import type { Rule } from "./rule.ts";

/** The argument of HELO or EHLO (RFC 5321 section 4.1.1.1). */
export type HeloName =
  | { readonly kind: "name"; readonly domain: Domain }
  /** `[192.0.2.1]`, RFC 5321 section 4.1.3. */
  | { readonly kind: "literal"; readonly address: string }
  | { readonly kind: "not-a-name"; readonly why: string };

/** Reads a HELO argument as the rules see it. */
export function readHelo(text: string): HeloName {
  const inBrackets = text.startsWith("[") && text.endsWith("]");
  const address = parseIpAddress(text);
  if (inBrackets && address !== undefined) return { kind: "literal", address };
  if (address !== undefined)
    return { kind: "not-a-name", why: "is an IP address without brackets" };
  const domain = parseDomain(text);
  if (domain === undefined) return { kind: "not-a-name", why: "is not a DNS name" };
  const labels = domain.split(".");
  if (labels.length < 2) return { kind: "not-a-name", why: "is not fully qualified" };
  if (/^\d+$/.test(labels.at(-1) ?? "")) return { kind: "not-a-name", why: "is not a DNS name" };
  return { kind: "name", domain };
}

/** No client outside has our name. */
const ourName: Rule = {
  id: "helo.ours",
  group: "helo",
  kind: "hard",
  stage: "helo",
  summary: "The client uses our own name, domain or address in HELO.",
  voidedBy: ["allow"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["helo", "site", "client"],
  check: (facts) =>
    facts.helo !== null && isOurs(facts.helo, facts)
      ? { explanation: `HELO ${quoteBytes(facts.helo)} is our own name` }
      : undefined,
};

const notAName: Rule = {
  id: "helo.not-a-name",
  group: "helo",
  kind: "final",
  stage: "helo",
  summary: "HELO is a bare IP address, not fully qualified, or not a valid name.",
  voidedBy: ["allow"],
  evidence: "misconfigured",
  firstRefusal: "permanent",
  restsOn: ["helo"],
  check: ({ helo }) => {
    if (helo === null) return undefined;
    const read = readHelo(helo);
    return read.kind === "not-a-name"
      ? { explanation: `HELO ${quoteBytes(helo) || "(empty)"} ${read.why}` }
      : undefined;
  },
};

const noAddress: Rule = {
  id: "helo.no-address",
  group: "helo",
  kind: "weighed",
  stage: "helo",
  summary: "The HELO name has no address record.",
  voidedBy: ["allow"],
  evidence: "misconfigured",
  firstRefusal: "permanent",
  restsOn: ["helo", "heloAddress"],
  check: ({ helo, heloAddress }) =>
    helo !== null && heloAddress?.status === "none"
      ? { explanation: `the HELO name ${quoteBytes(helo)} has no address record` }
      : undefined,
};

/** A client that has a server's name, and introduces itself by that of a line: not set up, or not by its owner. */
const genericName: Rule = {
  id: "helo.generic",
  group: "helo",
  kind: "weighed",
  stage: "helo",
  summary: "HELO looks like the name of an access line, though the reverse name does not.",
  voidedBy: ["allow"],
  evidence: "misconfigured",
  firstRefusal: "permanent",
  restsOn: ["helo", "client", "reverseName"],
  check: (facts, policy) => {
    const { helo, reverseName } = facts;
    const { address } = facts.client;
    if (helo === null || address === null || reverseName?.status !== "found") return undefined;
    const read = readHelo(helo);
    if (read.kind !== "name" || read.domain === reverseName.value) return undefined;
    if (genericNameOf(facts, policy)?.kind === "dynamic") return undefined;
    const generic = recognizeGenericName(read.domain, address, policy.known);
    return generic?.kind === "dynamic"
      ? { explanation: `HELO ${quoteBytes(helo)} ${generic.reason}, as the names of access lines` }
      : undefined;
  },
};

export const heloHardRules: readonly Rule[] = [ourName];
export const heloRules: readonly Rule[] = [notAName, noAddress, genericName];

function isOurs(helo: string, { site, client }: Facts): boolean {
  const address = parseIpAddress(helo);
  if (address !== undefined) return address === client.localAddress;
  const domain = parseDomain(helo);
  if (domain === undefined) return false;
  return domain === parseDomain(site.authservId) || site.localDomains.includes(domain);
}
