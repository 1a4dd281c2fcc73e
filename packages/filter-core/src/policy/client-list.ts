import {
  type ByteText,
  type Domain,
  type Mailbox,
  type Network,
  networkHas,
  parseDomain,
} from "@postern/smtp-filter";
import type { Facts } from "../facts/facts.ts";
import { latestOf, type Stage } from "../facts/stage.ts";
import { candidates } from "./entry-index.ts";
import type { Mode } from "./mode.ts";

/** One condition of a deny, allow or recipients entry. */
export type Selector =
  | { readonly by: "client"; readonly network: Network }
  | { readonly by: "senderDomain"; readonly domain: NamePattern }
  | { readonly by: "sender"; readonly address: string }
  | { readonly by: "dkimDomain"; readonly domain: NamePattern }
  | { readonly by: "reverseName"; readonly domain: NamePattern }
  | { readonly by: "helo"; readonly domain: NamePattern }
  | { readonly by: "recipient"; readonly address: string };

/** A name, or every name below one (`*.example.com`). */
export interface NamePattern {
  readonly name: Domain;
  readonly scope: "itself" | "below";
}

/** All selectors must match. */
export interface ClientEntry {
  readonly selectors: readonly Selector[];
  /** The last day on which it counts, `2027-01-31`, in UTC; null: for ever. */
  readonly until: string | null;
  /** As the administrator wrote it, for explanations. */
  readonly text: string;
  /** `waived`: an allow entry applies without authentication. Default: the name must be authenticated. */
  readonly proof?: "waived";
}

export interface RecipientEntry {
  readonly selectors: readonly Selector[];
  readonly until: string | null;
  readonly mode: Mode;
}

/** When the facts of each selector are known. */
const KNOWN_AT: Record<Selector["by"], Stage> = {
  client: "connect",
  reverseName: "connect",
  helo: "helo",
  sender: "mail",
  senderDomain: "mail",
  recipient: "rcpt",
  dkimDomain: "message",
};

/** Reads `example.com` or `*.example.com`. */
export function parseNamePattern(text: string): NamePattern | undefined {
  const below = text.startsWith("*.");
  const name = parseDomain(below ? text.slice(2) : text);
  return name === undefined ? undefined : { name, scope: below ? "below" : "itself" };
}

/**
 * The first entry that matches and has not expired.
 *
 * @param counts whether one that matches counts; default: it does.
 */
export function findEntry<Entry extends Omit<ClientEntry, "text">>(
  entries: readonly Entry[],
  facts: Facts,
  counts: (entry: Entry) => boolean = () => true,
): Entry | undefined {
  const today = facts.now.slice(0, 10);
  return candidates(entries, facts).find(
    (entry) =>
      (entry.until === null || today <= entry.until) &&
      entry.selectors.every((selector) => matches(selector, facts)) &&
      counts(entry),
  );
}

/**
 * The first allow entry that matches and has not run out. MAIL FROM and HELO are what the client says: an entry that
 * names him by nothing else counts only where SPF or DMARC proves it, or everybody could borrow it.
 */
export function findAllowed(
  entries: readonly ClientEntry[],
  facts: Facts,
): ClientEntry | undefined {
  return findEntry(
    entries,
    facts,
    ({ proof, selectors }) => proof === "waived" || isProved(selectors, facts),
  );
}

/** Whether an entry matches only by names that any client can claim. */
export function restsOnWords(selectors: readonly Selector[]): boolean {
  return (
    selectors.some(({ by }) => by === "helo" || by === "sender" || by === "senderDomain") &&
    !selectors.some(({ by }) => by === "client" || by === "reverseName" || by === "dkimDomain")
  );
}

function isProved(selectors: readonly Selector[], facts: Facts): boolean {
  if (!restsOnWords(selectors)) return true;
  return selectors.every(({ by }) => {
    if (by === "helo") return isHeloProved(facts);
    return by === "recipient" || isSenderProved(facts);
  });
}

function isSenderProved({ from, spf, dmarc }: Facts): boolean {
  if (!isMailbox(from) || from.domain === null) return false;
  if (spf?.mailfrom.result === "pass" && spf.mailfrom.domain === from.domain) return true;
  return dmarc?.result === "pass" && dmarc.domain === from.domain;
}

function isHeloProved({ helo, client, spf, heloAddress, reverseName, fcrdns }: Facts): boolean {
  if (spf?.helo.result === "pass") return true;
  if (fcrdns === "pass" && reverseName?.status === "found" && helo !== null)
    if (parseDomain(helo) === reverseName.value) return true;
  return heloAddress?.status === "found" && heloAddress.value.some((one) => one === client.address);
}

/** The stage at which all that an entry asks for is known. */
export function knownAt(entry: Pick<ClientEntry, "selectors">): Stage {
  return latestOf(...entry.selectors.map(({ by }) => KNOWN_AT[by]));
}

function matches(selector: Selector, facts: Facts): boolean {
  const { client, from, helo, recipients, reverseName, fcrdns, dkim = [] } = facts;
  switch (selector.by) {
    case "client":
      return client.address !== null && networkHas(selector.network, client.address);
    case "senderDomain":
      return isMailbox(from) && from.domain !== null && fits(selector.domain, from.domain);
    case "sender":
      return from !== null && sameAddress(isMailbox(from) ? from.text : "", selector.address);
    case "recipient":
      return recipients.some(({ text }) => sameAddress(text, selector.address));
    case "helo":
      return helo !== null && fits(selector.domain, parseDomain(helo));
    case "reverseName":
      // An unconfirmed name proves nothing: whoever controls the reverse zone can write any name.
      return (
        reverseName?.status === "found" &&
        fcrdns === "pass" &&
        fits(selector.domain, reverseName.value)
      );
    case "dkimDomain":
      return dkim.some(
        ({ result, domain }) =>
          result === "pass" && domain !== null && fits(selector.domain, domain),
      );
  }
}

function isMailbox(from: Facts["from"]): from is Mailbox {
  return from !== null && from !== "null-sender";
}

function fits({ name, scope }: NamePattern, candidate: Domain | undefined): boolean {
  if (candidate === undefined) return false;
  return scope === "itself" ? candidate === name : candidate.endsWith(`.${name}`);
}

/** Local parts may be case-sensitive, but people who write lists do not expect it. */
function sameAddress(a: ByteText, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
