import { formatPoints } from "../policy/points.ts";
import { distrustedOf } from "../reputation/distrust.ts";
import { familiarity } from "../reputation/learned.ts";
import type { Rule } from "./rule.ts";

/** Until this much has been learned, every sender is unknown. */
const LEARNING_DAYS = 7;
const MANY_UNKNOWN = 3;

/** Directory harvesting, or a bought address list: a real correspondent knows at least one valid recipient. */
const probing: Rule = {
  id: "probing",
  group: "probing",
  kind: "final",
  stage: "rcpt",
  summary: "Directory harvesting: three or more unknown recipients, and no valid one.",
  voidedBy: ["allow"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["recipientsTold"],
  check: ({ recipientsTold }) =>
    recipientsTold !== undefined &&
    recipientsTold.unknown >= MANY_UNKNOWN &&
    recipientsTold.known === 0
      ? {
          explanation: `the client tried ${recipientsTold.unknown} recipients, and none of them exists`,
        }
      : undefined,
};

const stranger: Rule = {
  id: "stranger",
  group: "stranger",
  kind: "weighed",
  stage: "message",
  summary: "Neither the client address nor a domain of the sender has a learned reputation.",
  voidedBy: ["allow"],
  evidence: "our-record",
  firstRefusal: "permanent",
  restsOn: [
    "stage",
    "learning",
    "correspondents",
    "reputation",
    "vouched",
    "standing",
    "client",
    "reverseName",
    "fcrdns",
    "spf",
    "dkim",
    "dmarc",
    "header",
    "forwarder",
  ],
  check: (facts, policy) =>
    facts.stage === "message" &&
    (facts.learning ?? 0) >= LEARNING_DAYS &&
    familiarity(facts, policy) === "unknown"
      ? {
          explanation:
            "neither the client address nor a domain of this message has been seen before",
        }
      : undefined,
};

/** What users here say of a sender: even mail that is in order in every way is not wanted by anybody. */
const badReputation: Rule = {
  id: "reputation.bad",
  group: "reputation",
  kind: "weighed",
  stage: "message",
  summary:
    "Users here mark mail of the sender as spam: more than three of 1,000 messages, for certain.",
  voidedBy: ["allow"],
  evidence: "our-record",
  firstRefusal: "permanent",
  restsOn: [
    "stage",
    "complaints",
    "standing",
    "client",
    "reverseName",
    "fcrdns",
    "spf",
    "dkim",
    "dmarc",
    "header",
    "forwarder",
  ],
  check: (facts, policy) => {
    if (facts.stage !== "message") return undefined;
    const [worst] = distrustedOf(facts, policy);
    if (worst === undefined) return undefined;
    const { key, complaints, debt } = worst;
    const { inbox, spam } = complaints;
    return {
      explanation: `users here have marked mail of ${key} as spam lately: ${formatPoints(spam)} of ${formatPoints(inbox)} messages that were delivered, the older ones counted less`,
      atMost: debt,
    };
  },
};

/** The rule id of a greylisting deferral. It observes nothing itself: the balance decides ({@link decide}). */
export const DEFER_ONCE = "defer.once";

export const deferOnce: Rule = {
  id: DEFER_ONCE,
  group: "defer",
  kind: "hard",
  stage: "message",
  summary:
    "Greylisting: an unknown sender with a balance between the defer and reject thresholds is asked to retry.",
  voidedBy: ["allow"],
  evidence: "nothing",
  firstRefusal: "permanent",
  restsOn: [],
};

export const historyRules: readonly Rule[] = [probing, stranger, badReputation, deferOnce];
