import type { Facts } from "../facts/facts.ts";
import type { Rule } from "./rule.ts";

/** A domain with a null MX sends no mail either (RFC 7505 section 4.2). */
const nullMx: Rule = {
  id: "sender.null-mx",
  group: "sender",
  kind: "hard",
  stage: "mail",
  summary: "The sender domain accepts no mail (null MX, RFC 7505).",
  voidedBy: ["allow"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["senderDomain", "from"],
  check: (facts) =>
    facts.senderDomain === "null-mx"
      ? { explanation: `${senderOf(facts)} accepts no mail (null MX)` }
      : undefined,
};

/** A bounce could not be delivered to it. */
const noDomain: Rule = {
  id: "sender.no-domain",
  group: "sender",
  kind: "final",
  stage: "mail",
  summary: "The sender domain does not exist, or has neither an MX nor an address record.",
  voidedBy: ["allow"],
  evidence: "misconfigured",
  firstRefusal: "temporary",
  restsOn: ["senderDomain", "from"],
  check: (facts) =>
    facts.senderDomain === "nothing"
      ? {
          explanation: `${senderOf(facts)} does not exist, or has neither an MX nor an address record`,
        }
      : undefined,
};

/**
 * It is unknown now whether the sender can receive bounces, so the client is asked to retry. Not while our own
 * resolver is down: that would defer everybody.
 */
const cannotCheck: Rule = {
  id: "sender.temperror",
  group: "sender",
  kind: "hard",
  stage: "mail",
  inJunkMode: "accept",
  summary: "The sender domain cannot be looked up now.",
  voidedBy: ["allow"],
  evidence: "nothing",
  firstRefusal: "permanent",
  restsOn: ["senderDomain", "from", "resolver"],
  check: (facts) =>
    facts.senderDomain === "temperror" && facts.resolver !== "down"
      ? { explanation: `the DNS of ${senderOf(facts)} does not answer` }
      : undefined,
};

export const senderHardRules: readonly Rule[] = [nullMx];
export const senderRules: readonly Rule[] = [noDomain];
/** After all hard rules that refuse permanently: the first matching hard rule gives the reply. */
export const senderDeferralRules: readonly Rule[] = [cannotCheck];

function senderOf({ from }: Facts): string {
  return from === null || from === "null-sender" || from.domain === null
    ? "the sender domain"
    : from.domain;
}
