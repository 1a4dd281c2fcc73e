import type { Domain } from "@postern/smtp-filter";
import type { Facts } from "../facts/facts.ts";
import { anyPasses, isUnknown } from "../facts/signatures.ts";
import { fitsShape } from "../policy/name-shape.ts";
import type { Policy } from "../policy/policy.ts";
import { hasAlignedPass, isWithin } from "../reputation/alignment.ts";
import { isSharedPool } from "../reputation/shared-pools.ts";
import { isHeloVouchedFor } from "./authentication.ts";
import type { Rule } from "./rule.ts";

/** Nobody can answer such an author, and no DNS record could have authenticated him. */
const noDomain: Rule = {
  id: "from.no-domain",
  group: "sender",
  kind: "weighed",
  stage: "message",
  paidBy: "nobody",
  summary: "The author domain does not exist in the DNS, nor does any domain above it.",
  voidedBy: ["allow"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["authorDomain", "header", "site"],
  check: ({ authorDomain, header, site }) => {
    if (authorDomain !== "none" || header?.author.status !== "one") return undefined;
    const { domain } = header.author;
    // Our own may be known in our own network alone.
    return site.localDomains.includes(domain)
      ? undefined
      : { explanation: `the author domain ${domain} does not exist` };
  },
};

/**
 * Neither SPF nor DKIM proves the author, and the mail lacks what mail servers and mail programs leave in it. One of the two
 * is common in honest mail, both together are not. Transactional mail of large providers often has no Received field.
 */
const unproved: Rule = {
  id: "author.unproved",
  group: "auth",
  kind: "weighed",
  stage: "message",
  summary:
    "Nothing authenticates the author, and the mail was not encrypted, has no Received field or no Message-ID.",
  voidedBy: ["allow", "forwarder", "spf", "dkim", "dmarc"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: [
    "dmarc",
    "dkim",
    "spf",
    "header",
    "from",
    "helo",
    "fcrdns",
    "reverseName",
    "client",
    "lists",
  ],
  check: (facts, policy) => {
    if (!isUnproved(facts, policy)) return undefined;
    const lacks = lackOf(facts);
    if (lacks === undefined) return undefined;
    const explanation = `nothing authenticates the author domain ${nameOf(facts.header?.author)}, and ${lacks}`;
    return isWellKnown(facts, policy) ? { explanation, atMost: 1 } : { explanation };
  },
};

/** Throw-away names: made in a minute, for nothing, by anybody. */
const freeTenant: Rule = {
  id: "from.free-tenant",
  group: "author",
  kind: "weighed",
  stage: "message",
  summary: "The author domain is below a domain where anybody gets a name for nothing.",
  voidedBy: ["allow"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["header"],
  check: ({ header }, { known }) => {
    if (header?.author.status !== "one") return undefined;
    const { domain } = header.author;
    const suffix = known?.freeTenants.find(
      (tenant) => domain !== tenant && isWithin(domain, tenant),
    );
    return suffix === undefined
      ? undefined
      : { explanation: `anybody gets a name below ${suffix}, the author has ${domain}` };
  },
};

/** Many readers show the name and not the address. */
const nameAddress: Rule = {
  id: "from.name-address",
  group: "author",
  kind: "weighed",
  stage: "message",
  summary: "The author's display name shows an address or domain of another organization.",
  voidedBy: ["allow"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["header"],
  check: ({ header }) =>
    header?.namedDomain == null
      ? undefined
      : {
          explanation: `the display name shows ${header.namedDomain}, the author is of ${nameOf(header.author)}`,
        },
};

/** Who writes as a company and wants the answer in a free mailbox. Discussion lists do that for their members. */
const replyElsewhere: Rule = {
  id: "reply-to.elsewhere",
  group: "author",
  kind: "weighed",
  stage: "message",
  summary: "Replies go to a free mail provider, but the author writes from another domain.",
  voidedBy: ["allow"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["header"],
  check: ({ header }, { known }) => {
    if (header === undefined || header.hasListId || header.replyTo === null) return undefined;
    if (header.author.status !== "one" || known === undefined) return undefined;
    const isFree = (domain: Domain): boolean =>
      known.freeMail.some((provider) => isWithin(domain, provider));
    const { author, replyTo } = header;
    return isFree(replyTo) && !isFree(author.domain)
      ? { explanation: `replies go to ${replyTo}, the author writes from ${author.domain}` }
      : undefined;
  },
};

/** Beside the other rules on authentication. */
export const unprovedRules: readonly Rule[] = [unproved];
/** In the order of the policy's table. */
export const authorRules: readonly Rule[] = [noDomain, freeTenant, nameAddress, replyElsewhere];

/** A result that could not be looked up, or was not gathered, may still prove the author. */
function isUnproved(facts: Facts, { known }: Policy): boolean {
  const { dmarc, dkim, spf, header, from } = facts;
  if (dmarc === undefined || dkim === undefined || spf === undefined) return false;
  if (header?.author.status !== "one" || hasAlignedPass(facts)) return false;
  const isAsked = dmarc.result === "none" || (dmarc.result === "fail" && dmarc.policy === "none");
  if (!isAsked || spf.mailfrom.result === "temperror" || dkim.some(isUnknown)) return false;
  const isListProved = spf.mailfrom.result === "pass" || anyPasses(dkim);
  if (header.hasListId && isListProved) return false;
  if (from === "null-sender" && isHeloVouchedFor(facts)) return false;
  const { domain } = header.author;
  const organization = header.organization ?? domain;
  const isSignedForHim = dkim.some(
    (one) =>
      one.result === "pass" &&
      one.domain !== null &&
      known?.providerSigners.some((shape) =>
        fitsShape(one.domain ?? "", shape, { domain, organization }),
      ) === true,
  );
  return !isSignedForHim;
}

function lackOf({ client, header }: Facts): string | undefined {
  if (client.tls === false) return "the session is not encrypted";
  if (header?.hasReceived === false) return "no mail server has handled the mail before";
  return header?.hasMessageId === false ? "there is no Message-ID field" : undefined;
}

/** A large provider, or a client on a list of good addresses. */
function isWellKnown(facts: Facts, { known }: Policy): boolean {
  if (isSharedPool(facts, known?.sharedPools ?? [])) return true;
  return (facts.lists ?? []).some(
    ({ result }) =>
      result.status === "found" && result.value.some((label) => label.startsWith("dnswl")),
  );
}

function nameOf(author: { readonly status: string; readonly domain?: Domain } | undefined): string {
  return author?.domain ?? "";
}
