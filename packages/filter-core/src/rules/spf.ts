import type { SpfFact } from "../authentication.ts";
import type { Facts } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { isUnknown } from "./signatures.ts";

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
  check: (facts) => {
    const spf = whereSpfSpeaks(facts);
    const explanation = spf && explain(spf, spf.domain ?? "the sender");
    return explanation === undefined ? undefined : { explanation };
  },
});

/** The domain's owner says that this client does not send for it. */
const fails = rule(
  "spf.fail",
  "SPF fails, and the author domain has no DMARC record.",
  ({ result }, domain) =>
    result === "fail" ? `SPF of ${domain} does not allow this client` : undefined,
);

const failsSoftly = rule(
  "spf.softfail",
  "SPF fails softly, and the author domain has no DMARC record.",
  ({ result }, domain) =>
    result === "softfail"
      ? `SPF of ${domain} does not list this client (softfail: its owner is not sure of it)`
      : undefined,
);

const isBroken = rule(
  "spf.permerror",
  "The SPF record is broken, and the author domain has no DMARC record.",
  ({ result }, domain) =>
    result === "permerror" ? `the SPF record of ${domain} cannot be evaluated` : undefined,
);

/** A record that lets everybody send says nothing of this client. */
const passesEverybody = rule(
  "spf.pass-all",
  "SPF passes because it allows the whole world, and the author domain has no DMARC record.",
  ({ result, permits }, domain) =>
    result === "pass" && permits === "everybody"
      ? `the SPF record of ${domain} allows the whole world to send (+all)`
      : undefined,
);

export const spfRules: readonly Rule[] = [fails, failsSoftly, isBroken, passesEverybody];

/**
 * SPF breaks at every forwarder, so it counts by itself only where there is no DMARC record that says what
 * failing means, or no one author to have it. A signature that could not be checked may pass yet, so then it counts nothing.
 */
function whereSpfSpeaks({ spf, dkim, dmarc }: Facts): SpfFact | undefined {
  const isUnprotected = dmarc?.result === "none" || dmarc?.result === "permerror";
  if (!isUnprotected || dkim === undefined || dkim.some(isUnknown)) return undefined;
  return spf?.mailfrom;
}
