import type { Rule } from "../rule.ts";

/**
 * Gmail and Yahoo ask bulk senders for it since 2024. A discussion list (List-Post) is no bulk mail, and without an
 * https link there is nothing a click could reach.
 */
const noOneClick: Rule = {
  id: "bulk.no-one-click",
  group: "bulk",
  kind: "weighed",
  stage: "message",
  summary: "Bulk mail offers an unsubscribe link, but not with one click (RFC 8058).",
  check: ({ header }) =>
    header?.hasHttpsUnsubscribe && !header.hasListPost && !header.hasOneClick
      ? {
          explanation:
            "List-Unsubscribe has an https link, but List-Unsubscribe-Post is missing (RFC 8058)",
        }
      : undefined,
};

export const bulkRules: readonly Rule[] = [noOneClick];
