import type { ArcFact, DkimFact, DmarcFact, SpfFacts } from "../facts/authentication.ts";
import type { Facts } from "../facts/facts.ts";

/** The maximum number of signatures reported, verified ones first (`Facts.dkim`). */
const MAX_SIGNATURES = 10;
/** No value that is quoted is longer. */
const MAX_QUOTED = 64;

/**
 * The value of our Authentication-Results field (RFC 8601 section 2.2), each method on a line of its own, folds as
 * LF and a blank. Every value is from a closed set, a domain name, or quoted: nothing of the client's choice can end
 * one early. What was not looked up is not told of.
 */
export function authenticationResults(facts: Facts): string {
  const { site, spf, dkim, dmarc, arc } = facts;
  const methods = [
    ...iprevInfo(facts),
    ...(spf === undefined ? [] : [spfInfo(spf, facts)]),
    ...(dkim === undefined ? [] : dkimInfos(dkim)),
    ...(dmarc === undefined ? [] : [dmarcInfo(dmarc)]),
    ...(arc === undefined ? [] : arcInfo(arc)),
  ];
  if (methods.length === 0) return `${site.authservId}; none`;
  return [site.authservId, ...methods].join(";\n ");
}

function iprevInfo({ client, fcrdns }: Facts): string[] {
  if (client.address === null || fcrdns === undefined) return [];
  // Without a PTR there is nothing that could be confirmed: permerror (RFC 8601 section 2.7.3).
  const result = fcrdns === "none" ? "permerror" : fcrdns;
  const address = client.address.includes(":") ? quote(client.address) : client.address;
  return [words(`iprev=${result}`, `policy.iprev=${address}`)];
}

/** Of the identity that was checked: MAIL FROM, or HELO where that has no domain (RFC 7208 section 2.4). */
function spfInfo({ mailfrom, helo }: SpfFacts, { from }: Facts): string {
  if (from !== "null-sender" && mailfrom.domain !== null)
    return words(`spf=${mailfrom.result}`, `smtp.mailfrom=${mailfrom.domain}`);
  const { result, domain } = from === "null-sender" ? mailfrom : helo;
  return words(`spf=${result}`, domain && `smtp.helo=${domain}`);
}

function dkimInfos(dkim: readonly DkimFact[]): string[] {
  if (dkim.length === 0) return ["dkim=none"];
  return dkim
    .slice(0, MAX_SIGNATURES)
    .map(({ result, reason, domain, selector, algorithm, signature }) =>
      words(
        `dkim=${result}`,
        reason && `reason=${quote(reason)}`,
        domain && `header.d=${domain}`,
        selector && `header.s=${selector}`,
        algorithm && `header.a=${algorithm}`,
        signature && `header.b=${quote(signature)}`, // tells signatures of one domain apart (RFC 6008)
      ),
    );
}

/** `policy.dmarc` is what the author domain asks for, not what we did (RFC 7489 section 11.2). */
function dmarcInfo({ result, policy, domain }: DmarcFact): string {
  return words(
    `dmarc=${result}`,
    policy && `policy.dmarc=${policy}`,
    domain && `header.from=${domain}`,
  );
}

/** RFC 8617 section 10.1 has no word for a key that could not be asked for. */
function arcInfo({ result }: ArcFact): string[] {
  return result === "none" || result === "temperror" ? [] : [`arc=${result}`];
}

function words(...all: readonly (string | null)[]): string {
  return all.filter((word) => word !== null && word !== "").join(" ");
}

/** A quoted string of RFC 5322 section 3.2.4. */
function quote(text: string): string {
  const printable = text.slice(0, MAX_QUOTED).replace(/[^\x20-\x7e]/g, "?");
  return `"${printable.replace(/["\\]/g, "\\$&")}"`;
}
