import type { DmarcFact } from "../authentication.ts";
import type { Facts } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { anyPasses, isUnknown } from "./signatures.ts";

type FailureId = "dmarc.reject" | "dmarc.reject-list" | "dmarc.quarantine" | "dmarc.none";

const failure = (
  id: FailureId,
  summary: string,
  wish: string,
  more: Pick<Rule, "paidBy"> = {},
): Rule => ({
  id,
  group: "auth",
  kind: "weighed",
  stage: "message",
  summary,
  check: (facts) =>
    dmarcFailureOf(facts) === id
      ? { explanation: `DMARC fails for ${authorOf(facts.dmarc)}, which ${wish}` }
      : undefined,
  ...more,
});

const failsReject = failure(
  "dmarc.reject",
  "DMARC fails, and the author domain asks for rejection.",
  "asks for such mail to be rejected (p=reject)",
  { paidBy: "nobody" },
);

const failsRejectOnList = failure(
  "dmarc.reject-list",
  "The same, but the mail comes from a discussion list that is itself authenticated.",
  "asks for such mail to be rejected (p=reject), but it comes through a list",
);

const failsQuarantine = failure(
  "dmarc.quarantine",
  "DMARC fails, and the author domain asks for quarantine.",
  "asks for such mail to be set aside (p=quarantine)",
  { paidBy: "nobody" },
);

const failsNone = failure(
  "dmarc.none",
  "DMARC fails, and the author domain asks for nothing.",
  "asks for nothing (p=none)",
);

const noRecord: Rule = {
  id: "dmarc.absent",
  group: "auth",
  kind: "weighed",
  stage: "message",
  summary: "The author domain has no DMARC record.",
  check: ({ dmarc }) =>
    dmarc?.result === "none"
      ? { explanation: `${authorOf(dmarc)} has no DMARC record` }
      : undefined,
};

/**
 * The author domain is protected, and a lookup that its protection depends on failed. Letting the mail in would
 * hand the protection to whoever silences a key server, so the sender comes back later (DESIGN.md section 2).
 * With our own resolver down, everybody would: then the mail is judged on what is left.
 */
const cannotCheck: Rule = {
  id: "dmarc.temperror",
  group: "auth",
  kind: "hard",
  stage: "message",
  // A dead key server of the victim's must not let a forgery in unmarked.
  inJunkMode: "junk",
  summary: "The author domain asks for protection, and DMARC cannot be checked at the moment.",
  check: ({ dmarc, resolver }) => {
    const isProtected = dmarc?.policy === "reject" || dmarc?.policy === "quarantine";
    if (dmarc?.result !== "temperror" || !isProtected || resolver === "down") return undefined;
    return {
      explanation: `${authorOf(dmarc)} asks for protection (p=${dmarc.policy}), and a DNS server that its DMARC depends on does not answer`,
    };
  },
};

/** In the order of the policy's table. */
export const dmarcRules: readonly Rule[] = [
  failsReject,
  failsRejectOnList,
  failsQuarantine,
  failsNone,
  noRecord,
];

/** Behind every hard rule that refuses for good: of hard rules the first speaks. */
export const dmarcDeferralRules: readonly Rule[] = [cannotCheck];

/** Which rule sees that DMARC fails; undefined where it does not, or is not known. */
export function dmarcFailureOf(facts: Facts): FailureId | undefined {
  const { dmarc } = facts;
  if (dmarc?.result !== "fail") return undefined;
  switch (dmarc.policy) {
    case "reject":
      return mayComeFromList(facts) ? "dmarc.reject-list" : "dmarc.reject";
    case "quarantine":
      return "dmarc.quarantine";
    case "none":
      return "dmarc.none";
    case null:
      return undefined;
  }
}

/**
 * Discussion lists break signatures, and answer for it with an identity of their own that passes. One that
 * could not be checked may pass yet, and not knowing never makes it worse.
 */
function mayComeFromList({ header, spf, dkim = [] }: Facts): boolean {
  if (header === undefined || !(header.hasListId || header.hasListPost)) return false;
  const result = spf?.mailfrom.result;
  if (result === "pass" || result === "temperror") return true;
  return anyPasses(dkim) || dkim.some(isUnknown);
}

function authorOf(dmarc: DmarcFact | undefined): string {
  return dmarc?.domain ?? "the author domain";
}
