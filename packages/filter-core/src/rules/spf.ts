import type { SpfFact } from "../facts/authentication.ts";
import type { Facts } from "../facts/facts.ts";
import { isUnknown } from "../facts/signatures.ts";
import type { Rule } from "./rule.ts";

const rule = (
  id: string,
  summary: string,
  explain: (spf: SpfFact, domain: string) => string | undefined,
): Rule => ({
  id,
  group: "auth",
  kind: "weighed",
  stage: "message",
  summary,
  voidedBy: ["allow", "forwarder", "spf"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["spf", "dkim", "dmarc"],
  check: (facts) => {
    const spf = whereSpfSpeaks(facts);
    const explanation = spf && explain(spf, spf.domain ?? "the sender");
    return explanation === undefined ? undefined : { explanation };
  },
});

/** The domain owner states that this client may not send for it. */
const fails = rule(
  "spf.fail",
  "SPF fails, and the author domain has no DMARC record.",
  ({ result }, domain) =>
    result === "fail" ? `SPF of ${domain} does not allow this client` : undefined,
);

const failsSoftly = rule(
  "spf.softfail",
  "SPF softfails, and the author domain has no DMARC record.",
  ({ result }, domain) =>
    result === "softfail" ? `SPF of ${domain} does not list this client (softfail)` : undefined,
);

const isBroken = rule(
  "spf.permerror",
  "The SPF record is broken, and the author domain has no DMARC record.",
  ({ result }, domain) =>
    result === "permerror" ? `the SPF record of ${domain} cannot be evaluated` : undefined,
);

/** A record that allows every address says nothing about this client. */
const passesEverybody = rule(
  "spf.pass-all",
  "SPF passes only because it allows every address, and the author domain has no DMARC record.",
  ({ result, permits }, domain) =>
    result === "pass" && permits === "everybody"
      ? `the SPF record of ${domain} allows every address to send (+all)`
      : undefined,
);

export const spfRules: readonly Rule[] = [fails, failsSoftly, isBroken, passesEverybody];

/**
 * Forwarding breaks SPF, so SPF counts by itself only if there is no DMARC record to say what a failure means, or
 * no single author to have one. It does not count while a signature cannot be checked, as that may still pass.
 */
function whereSpfSpeaks({ spf, dkim, dmarc }: Facts): SpfFact | undefined {
  const isUnprotected = dmarc?.result === "none" || dmarc?.result === "permerror";
  if (!isUnprotected || dkim === undefined || dkim.some(isUnknown)) return undefined;
  return spf?.mailfrom;
}
