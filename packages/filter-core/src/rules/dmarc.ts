import type { DmarcFact } from "../facts/authentication.ts";
import type { Facts } from "../facts/facts.ts";
import { anyPasses, isUnknown } from "../facts/signatures.ts";
import type { Rule } from "./rule.ts";

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
  voidedBy: ["allow", "forwarder", "dmarc"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["dmarc", "header", "spf", "dkim"],
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
  "DMARC fails with p=reject, but the mail comes from an authenticated mailing list.",
  "asks for such mail to be rejected (p=reject), but it came through a mailing list",
);

const failsQuarantine = failure(
  "dmarc.quarantine",
  "DMARC fails, and the author domain asks for quarantine.",
  "asks for such mail to be quarantined (p=quarantine)",
  { paidBy: "nobody" },
);

const failsNone = failure(
  "dmarc.none",
  "DMARC fails, and the author domain has p=none.",
  "has p=none",
);

const noRecord: Rule = {
  id: "dmarc.absent",
  group: "auth",
  kind: "weighed",
  stage: "message",
  summary: "The author domain has no DMARC record.",
  voidedBy: ["allow", "forwarder", "dmarc"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["dmarc"],
  check: ({ dmarc }) =>
    dmarc?.result === "none"
      ? { explanation: `${authorOf(dmarc)} has no DMARC record` }
      : undefined,
};

/**
 * The author domain is protected, and a lookup that its protection depends on failed. Letting the mail in would
 * let an attacker bypass the protection by silencing a key server, so the sender is asked to retry.
 * While our own resolver is down this would defer everybody, so the mail is judged on the remaining facts.
 */
const cannotCheck: Rule = {
  id: "dmarc.temperror",
  group: "auth",
  kind: "hard",
  stage: "message",
  // A forgery must not arrive unmarked because the victim's key server does not answer.
  inJunkMode: "junk",
  summary: "The author domain has p=reject or p=quarantine, and DMARC cannot be checked now.",
  voidedBy: ["allow", "forwarder", "dmarc"],
  evidence: "nothing",
  firstRefusal: "permanent",
  restsOn: ["dmarc", "resolver"],
  check: ({ dmarc, resolver }) => {
    if (dmarc?.result !== "temperror" || resolver === "down") return undefined;
    if (dmarc.policy === null && dmarc.unasked === true)
      return {
        explanation: `too many DNS questions at once: whether ${authorOf(dmarc)} asks for protection could not be asked`,
      };
    if (dmarc.policy !== "reject" && dmarc.policy !== "quarantine") return undefined;
    return {
      explanation: `${authorOf(dmarc)} has p=${dmarc.policy}, but DMARC cannot be checked: a DNS server it depends on does not answer`,
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

/** After all hard rules that refuse permanently: the first matching hard rule gives the reply. */
export const dmarcDeferralRules: readonly Rule[] = [cannotCheck];

/** The rule for a DMARC failure; undefined if DMARC does not fail, or the result is unknown. */
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
 * Mailing lists break the author's signature but authenticate as themselves. An identity that could not be
 * checked may still pass, and an unknown result never counts against the mail.
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
