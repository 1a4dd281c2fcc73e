import type { Facts } from "../facts.ts";
import type { Rule } from "../rule.ts";

/** Who says that his domain takes no mail sends none either (RFC 7505 section 4.2). */
const nullMx: Rule = {
  id: "sender.null-mx",
  group: "sender",
  kind: "hard",
  stage: "mail",
  summary: "The sender's domain says it takes no mail.",
  check: (facts) =>
    facts.senderDomain === "null-mx"
      ? { explanation: `${senderOf(facts)} says that it takes no mail (null MX)` }
      : undefined,
};

/** A bounce could not go back. */
const noDomain: Rule = {
  id: "sender.no-domain",
  group: "sender",
  kind: "final",
  stage: "mail",
  summary: "The sender's domain does not exist, or has neither MX nor address.",
  check: (facts) =>
    facts.senderDomain === "nothing"
      ? { explanation: `${senderOf(facts)} does not exist, or has neither MX nor address` }
      : undefined,
};

/**
 * Whether the sender can be answered is not known now, so he comes back later (DESIGN.md section 2). With our own
 * resolver down, everybody would.
 */
const cannotCheck: Rule = {
  id: "sender.temperror",
  group: "sender",
  kind: "hard",
  stage: "mail",
  inJunkMode: "accept",
  summary: "The sender's domain cannot be looked up at the moment.",
  check: (facts) =>
    facts.senderDomain === "temperror" && facts.resolver !== "down"
      ? { explanation: `the DNS of ${senderOf(facts)} does not answer` }
      : undefined,
};

export const senderHardRules: readonly Rule[] = [nullMx];
export const senderRules: readonly Rule[] = [noDomain];
/** Behind every hard rule that refuses for good: of hard rules the first speaks. */
export const senderDeferralRules: readonly Rule[] = [cannotCheck];

function senderOf({ from }: Facts): string {
  return from === null || from === "null-sender" || from.domain === null
    ? "the sender's domain"
    : from.domain;
}
