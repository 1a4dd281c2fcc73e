import { acquaintance } from "../reputation/learned.ts";
import type { Rule } from "../rule.ts";

/** Before that, everybody is a stranger. */
const LEARNING_DAYS = 7;
const MANY_UNKNOWN = 3;

/** Lists of addresses are tried out, or were bought; who has correspondents here names one of them. */
const probing: Rule = {
  id: "probing",
  group: "probing",
  kind: "final",
  stage: "rcpt",
  summary: "Three or more unknown recipients, none known.",
  check: ({ recipientsTold }) =>
    recipientsTold !== undefined &&
    recipientsTold.unknown >= MANY_UNKNOWN &&
    recipientsTold.known === 0
      ? { explanation: `the client named ${recipientsTold.unknown} recipients, all unknown here` }
      : undefined,
};

const stranger: Rule = {
  id: "stranger",
  group: "stranger",
  kind: "weighed",
  stage: "message",
  summary: "Nothing is known of address or domain, and much of others.",
  check: (facts, policy) =>
    facts.stage === "message" &&
    (facts.learning ?? 0) >= LEARNING_DAYS &&
    acquaintance(facts, policy) === "unknown"
      ? { explanation: "neither the address nor a domain of this message is known here" }
      : undefined,
};

/** The rule by which a deferral is known: it sees nothing itself, the sums decide ({@link decide}). */
export const DEFER_ONCE = "defer.once";

const deferOnce: Rule = {
  id: DEFER_ONCE,
  group: "defer",
  kind: "hard",
  stage: "message",
  summary: "A stranger whose debts are neither few nor many is asked to come back.",
};

export const historyRules: readonly Rule[] = [probing, stranger, deferOnce];
