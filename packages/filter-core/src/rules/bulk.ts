import type { Rule } from "./rule.ts";

/**
 * Gmail and Yahoo have required it of bulk senders since 2024. A mailing list with List-Post is not bulk mail, and
 * one-click unsubscribing needs an https link.
 */
const noOneClick: Rule = {
  id: "bulk.no-one-click",
  group: "bulk",
  kind: "weighed",
  stage: "message",
  summary: "Bulk mail has an unsubscribe link, but no one-click unsubscribe (RFC 8058).",
  voidedBy: ["allow"],
  evidence: "misconfigured",
  firstRefusal: "permanent",
  restsOn: ["header"],
  check: ({ header }) =>
    header?.hasHttpsUnsubscribe && !header.hasListPost && !header.hasOneClick
      ? {
          explanation:
            "List-Unsubscribe has an https link, but List-Unsubscribe-Post is missing (RFC 8058)",
        }
      : undefined,
};

export const bulkRules: readonly Rule[] = [noOneClick];
