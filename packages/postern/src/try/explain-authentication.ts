import type {
  ArcFact,
  AuthorFact,
  DkimFact,
  DmarcFact,
  Facts,
  SpfFact,
} from "@postern/filter-core";

/** What SPF, DKIM, DMARC and ARC say, and of whom: one line each, for those that were looked at. */
export function authenticated({ spf, header, dkim, dmarc, arc }: Facts): string[] {
  return [
    ...(spf === undefined
      ? []
      : [
          `SPF of the sender: ${spfWords(spf.mailfrom)}`,
          `SPF of the HELO name: ${spfWords(spf.helo)}`,
        ]),
    ...(header === undefined ? [] : [`author: ${authorWords(header.author)}`]),
    ...(dkim === undefined ? [] : dkimLines(dkim)),
    ...(dmarc === undefined ? [] : [`DMARC: ${dmarcWords(dmarc)}`]),
    ...(arc === undefined ? [] : [`ARC: ${arcWords(arc)}`]),
  ];
}

function spfWords({ result, domain, permits }: SpfFact): string {
  if (domain === null) return `${result} (there is no domain to check)`;
  const all =
    result === "pass" && permits === "everybody"
      ? ", but the record allows every address (+all)"
      : "";
  return `${result} for ${domain}${all}${doubt(result)}`;
}

function authorWords(author: AuthorFact): string {
  return author.status === "one" ? `somebody at ${author.domain}` : `not one: ${author.reason}`;
}

function dkimLines(dkim: readonly DkimFact[]): string[] {
  if (dkim.length === 0) return ["DKIM: no signature"];
  return dkim.map(({ result, domain, selector, reason }) => {
    const by = domain === null ? "" : ` by ${domain}`;
    const key = selector === null ? "" : ` (selector ${selector})`;
    return `DKIM signature${by}${key}: ${result}${reason === null ? "" : `: ${reason}`}${doubt(result)}`;
  });
}

function dmarcWords({ result, policy, domain }: DmarcFact): string {
  if (domain === null) return `${result} (there is no single author domain)`;
  if (result === "none") return `none: ${domain} has no record`;
  const asks = policy === null ? "" : `, which has p=${policy}`;
  return `${result} for ${domain}${asks}${doubt(result)}`;
}

function arcWords({ result, sealers, sealedPasses, doubt: why }: ArcFact): string {
  if (result === "none") return "there is no chain";
  const by = sealers.length === 0 ? "" : `, sealed by ${sealers.join(", ")}`;
  const unbelieved = why === undefined ? "" : `; not trusted: ${why}`;
  return `${result}${by}${sealedWords(sealedPasses)}${unbelieved}${doubt(result)}`;
}

function sealedWords(passes: ArcFact["sealedPasses"]): string {
  if (passes === undefined) return "";
  return `; the last one reports ${passes.length === 0 ? "nothing" : passes.join(", ")} as pass`;
}

function doubt(result: string): string {
  return result === "temperror" ? "; not evidence" : "";
}
