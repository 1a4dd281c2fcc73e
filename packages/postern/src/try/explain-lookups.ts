import type {
  Facts,
  ForwarderFact,
  ListFact,
  Lookup,
  SenderDomainFact,
} from "@postern/filter-core";
import { unreachable } from "@postern/smtp-filter";
import { authenticated } from "./explain-authentication.ts";
import { recalled } from "./explain-reputation.ts";

const NO_EVIDENCE = "not evidence";

/** What was looked up, one line each. */
export function lookedUp(facts: Facts): readonly string[] {
  const { client, reverseName, fcrdns, heloAddress, scores = [], lists = [] } = facts;
  const { senderDomain, forwarder } = facts;
  return [
    ...(reverseName === undefined
      ? []
      : [`reverse name of ${client.address}: ${words(reverseName, (name) => name)}`]),
    ...(fcrdns === undefined ? [] : [`forward-confirmed (FCrDNS): ${fcrdns}`]),
    ...(heloAddress === undefined
      ? []
      : [`address of the HELO name: ${words(heloAddress, (addresses) => addresses.join(", "))}`]),
    ...scores.map(({ zone, result }) => `${zone}: ${words(result, String)}`),
    ...lists.map((list) => `${list.zone}: ${listWords(list)}`),
    ...(senderDomain === undefined
      ? []
      : [`domain of the sender: ${senderDomainWords(senderDomain)}`]),
    ...authenticated(facts),
    ...recalled(facts),
    ...(forwarder === undefined ? [] : [`forwarder: ${forwarderWords(forwarder)}`]),
  ];
}

function words<T>(lookup: Lookup<T>, print: (value: T) => string): string {
  switch (lookup.status) {
    case "found":
      return print(lookup.value);
    case "none":
      return "none";
    default:
      return `lookup failed (${lookup.detail}); ${NO_EVIDENCE}`;
  }
}

function listWords({ result, url }: ListFact): string {
  switch (result.status) {
    case "none":
      return "not listed";
    case "found": {
      const page = url === null ? "" : `, see ${url}`;
      return result.value.length === 0
        ? `listed, but its answer has no label here${page}`
        : `listed as ${result.value.join(", ")}${page}`;
    }
    default:
      return words(result, String);
  }
}

function senderDomainWords(domain: SenderDomainFact): string {
  switch (domain) {
    case "takes-mail":
      return "has an MX or an address";
    case "null-mx":
      return "accepts no mail (null MX)";
    case "nothing":
      return "does not exist, or has neither an MX nor an address record";
    case "temperror":
      return `lookup failed; ${NO_EVIDENCE}`;
    default:
      return unreachable(domain);
  }
}

function forwarderWords(forwarder: ForwarderFact): string {
  if (forwarder.by === "client")
    return "the client is one of your forwarders: rdns, spf, dmarc and auth.none are ignored";
  const { domain, passes } = forwarder;
  return passes.length === 0
    ? `${domain} sealed last, but reports nothing as pass`
    : `${domain} sealed last, and its report that ${passes.join(", ")} passed is trusted`;
}
