import type { Rule } from "./rule.ts";

/**
 * Mailing lists change bodies too, but most add a signature of their own, so only a single signature counts. Used
 * by poolp-2019, whose article refuses such mail; postmaster-2026 leaves it to DMARC.
 */
const bodyChanged: Rule = {
  id: "dkim.body-changed",
  group: "auth",
  kind: "weighed",
  stage: "message",
  summary: "The body was changed after the only DKIM signature was made.",
  voidedBy: ["allow"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["dkim"],
  check: ({ dkim = [] }) => {
    const [only, ...others] = dkim;
    if (only === undefined || others.length > 0) return undefined;
    if (only.result !== "fail" || only.reason !== "the body was changed after signing")
      return undefined;
    const whose = only.domain === null ? "the only signature" : `the signature of ${only.domain}`;
    return { explanation: `the body was changed after ${whose} was made` };
  },
};

export const dkimRules: readonly Rule[] = [bodyChanged];
