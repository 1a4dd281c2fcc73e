import type { Rule } from "../rule.ts";

/**
 * A discussion list changes bodies too, but most sign anew: then there are two signatures. For the policy
 * poolp-2019, whose article refuses this; postmaster-2026 leaves it to DMARC.
 */
const bodyChanged: Rule = {
  id: "dkim.body-changed",
  group: "auth",
  kind: "weighed",
  stage: "message",
  summary: "The body was changed under the only DKIM signature.",
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
