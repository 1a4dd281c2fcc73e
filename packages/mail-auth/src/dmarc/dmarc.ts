import type { Resolver } from "@postern/dns";
import type { AuthorFact, DkimFact, DmarcFact, SpfFacts } from "@postern/filter-core";
import { type Domain, parseDomain } from "@postern/smtp-filter";
import { type DmarcOutcome, type LegacyResolve, loadMailauth } from "../mailauth/mailauth.ts";
import { legacyResolve, ResolveError } from "../mailauth/mailauth-resolver.ts";

/**
 * DMARC after RFC 9989 (tree walk), for the one author we read ourselves. Where nothing that passes is aligned
 * but something that could not be looked up would be, the result is `temperror`: a hiccup of the DNS is no forgery.
 *
 * @param spf undefined where the client's address is not known.
 * @returns undefined where it cannot be told without SPF.
 */
export async function evaluateDmarc(
  resolver: Resolver,
  author: AuthorFact,
  spf: SpfFacts | undefined,
  dkim: readonly DkimFact[],
): Promise<DmarcFact | undefined> {
  let isUnasked = false;
  const watched: Resolver = {
    ask: async (name, type) => {
      const answer = await resolver.ask(name, type);
      isUnasked ||= answer.status === "temperror" && answer.detail === "too many questions";
      return answer;
    },
  };
  const fact = await evaluate(watched, author, spf, dkim);
  return isUnasked && fact?.result === "temperror" ? { ...fact, unasked: true } : fact;
}

async function evaluate(
  resolver: Resolver,
  author: AuthorFact,
  spf: SpfFacts | undefined,
  dkim: readonly DkimFact[],
): Promise<DmarcFact | undefined> {
  if (author.status !== "one") return { result: "permerror", policy: null, domain: null };
  const ask = async (
    wanted: readonly string[],
    resolve = legacyResolve(resolver),
  ): Promise<DmarcOutcome | false> =>
    await loadMailauth().dmarc({
      headerFrom: [`author@${author.domain}`],
      fromFields: 1,
      spfDomains: domainsOf(spf === undefined ? [] : [spf.mailfrom], wanted),
      dkimDomains: domainsOf(dkim, wanted),
      resolver: resolve,
      strict: true,
    });
  const outcome = await ask(["pass"]);
  if (outcome === false) return { result: "permerror", policy: null, domain: author.domain };
  const policy = policyOf(outcome);
  const domain = author.domain;
  const organization = organizationOf(outcome);
  const common = { policy, domain, ...(organization === undefined ? {} : { organization }) };
  switch (outcome.status.result) {
    case "pass":
    case "none":
      return { result: outcome.status.result, ...common };
    case "fail": {
      if (spf === undefined) return undefined;
      const atBest = await ask(["pass", "temperror"]);
      const isKnown = atBest !== false && atBest.status.result === "fail";
      return { result: isKnown ? "fail" : "temperror", ...common };
    }
    default: {
      if (policy !== null) return { result: "temperror", ...common };
      const above = await ask(["pass"], pastSilence(legacyResolve(resolver)));
      const protection = above === false ? null : policyOf(above);
      // An identity that is the author domain itself is aligned, whatever the record that does not answer says.
      const identities = domainsOf(
        [...dkim, ...(spf === undefined ? [] : [spf.mailfrom])],
        ["pass"],
      );
      const isExact = identities.some((one) => one.domain === domain);
      return { result: isExact ? "pass" : "temperror", ...common, policy: protection };
    }
  }
}

/**
 * A name of the tree walk that does not answer is taken for one without a record, so that the walk goes on: who silences
 * a name below a protected domain must not hide the protection above it.
 */
function pastSilence(resolve: LegacyResolve): LegacyResolve {
  return async (name, type) => {
    try {
      return await resolve(name, type);
    } catch (error) {
      throw error instanceof ResolveError && name.startsWith("_dmarc.")
        ? new ResolveError("ENODATA", name)
        : error;
    }
  };
}

function domainsOf(
  facts: readonly { readonly result: string; readonly domain: Domain | null }[],
  wanted: readonly string[],
): { readonly domain: string }[] {
  return facts.flatMap(({ result, domain }) =>
    domain !== null && wanted.includes(result) ? [{ domain }] : [],
  );
}

function organizationOf({ domain }: DmarcOutcome): Domain | undefined {
  return typeof domain === "string" ? parseDomain(domain) : undefined;
}

function policyOf({ policy }: DmarcOutcome): DmarcFact["policy"] {
  return policy === "none" || policy === "quarantine" || policy === "reject" ? policy : null;
}
