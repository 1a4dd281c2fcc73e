import { secondsOf } from "../facts/timestamp.ts";
import type { Rule } from "./rule.ts";

const DAY = 86_400;
const ODD_FROM_DAYS = 7;

const common = { group: "format", kind: "weighed", stage: "message" } as const;

/** Every mail program adds one (RFC 5322 section 3.6.4); spamware often does not. */
const noMessageId: Rule = {
  ...common,
  id: "format.no-message-id",
  summary: "The message has no Message-ID field.",
  voidedBy: ["allow"],
  evidence: "misconfigured",
  firstRefusal: "permanent",
  restsOn: ["header"],
  check: ({ header }) =>
    header?.hasMessageId === false ? { explanation: "there is no Message-ID field" } : undefined,
};

/** RFC 5322 section 3.6 requires it. */
const noDate: Rule = {
  ...common,
  id: "format.no-date",
  summary: "The message has no Date field.",
  voidedBy: ["allow"],
  evidence: "misconfigured",
  firstRefusal: "permanent",
  restsOn: ["header"],
  check: ({ header }) =>
    header?.date === null ? { explanation: "there is no Date field" } : undefined,
};

/** No mail queue keeps mail longer than a week; the moderators of a mailing list do. */
const oddDate: Rule = {
  ...common,
  id: "format.odd-date",
  summary:
    "Date is more than seven days off, or not a valid date, in mail that is not from a mailing list.",
  voidedBy: ["allow"],
  evidence: "misconfigured",
  firstRefusal: "permanent",
  restsOn: ["header", "now"],
  check: ({ header, now }) => {
    if (header === undefined || header.date === null || header.hasListId) return undefined;
    if (header.date === "unreadable") return { explanation: "the Date field is not a valid date" };
    const written = secondsOf(header.date);
    const received = secondsOf(now);
    if (written === undefined || received === undefined) return undefined;
    const days = Math.abs(received - written) / DAY;
    if (days <= ODD_FROM_DAYS) return undefined;
    const where = written < received ? "past" : "future";
    return { explanation: `Date is ${Math.floor(days)} days in the ${where}` };
  },
};

export const formatRules: readonly Rule[] = [noMessageId, noDate, oddDate];
