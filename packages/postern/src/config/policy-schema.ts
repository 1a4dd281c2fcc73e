import { IDENTITY_KINDS, rules, STAGES } from "@postern/filter-core";
import { z } from "zod";
import { allowEntry, denyEntry, recipientEntry } from "./entry-schema.ts";
import { expectation } from "./expectation-schema.ts";
import { INHERITED, inherited, optional } from "./key.ts";
import { knownDraft } from "./known-schema.ts";
import { reputationDraft } from "./reputation-schema.ts";
import { ruleDrafts, weightDrafts } from "./rule-schema.ts";
import { list, number, oneOf, strict, wholeNumber } from "./values.ts";

/** One policy file as its schema reads it, without inherited values. */
export type PolicyDraft = z.output<typeof policyDraft>;

/** What applies where neither a file nor what it inherits from says anything. */
export const POLICY_DEFAULTS = {
  refuseAt: "rcpt",
  thresholds: { reject: 10, junk: 6, defer: 4 },
  slowFactor: 0,
  scoreHeader: false,
  replyId: false,
  allowCancels: "debts",
} as const;

/** Of lists: an own one comes before the inherited one. */
const ADDED = "none of its own; the inherited ones apply";
const refusalStage = oneOf(STAGES.filter((stage) => stage !== "message"));
const GROUPS = [...new Set(rules.map(({ group }) => group)), "operator", "credit", "clean"];
const CAPS: Readonly<Record<string, string>> = {
  operator: "The maximum debt of all lists of one operator.",
  credit: "The maximum of all credit.",
  clean: "The maximum of the learned credit that clean mail alone has earned.",
};
/** Sources of credit: DNSWL labels, and what was learned here. */
const CREDITS = [
  "lists.dnswl-med",
  "lists.dnswl-hi",
  "writtenTo.address",
  "writtenTo.domain",
  ...IDENTITY_KINDS.map((kind) => `reputation.${kind}`),
];
const amount = number(0, 100);
const threshold = number(0.1, 1000);
const score = wholeNumber(0, 101);

/** A limit for the balance of debts and credit. */
const limit = (name: keyof typeof POLICY_DEFAULTS.thresholds, meaning: string) =>
  optional(threshold, { meaning, otherwise: inherited(POLICY_DEFAULTS.thresholds[name]) });

/** A map from words of ours to amounts. */
const amounts = (words: readonly string[], noun: string, meaning: (word: string) => string) =>
  strict(
    Object.fromEntries(
      words.map((word) => [
        word,
        optional(amount, { meaning: meaning(word), otherwise: INHERITED }),
      ]),
    ),
    noun,
  );

/** Every key of a policy file. What is said of it here is all that is said: docs and JSON Schema follow. */
export const policyDraft = strict({
  extends: optional(z.string({ error: "" }), {
    meaning: "The policy whose values are inherited: `postmaster-2026`, `poolp-2019` or a file.",
    otherwise: "none; required in postern.yaml itself",
  }),
  description: optional(z.string({ error: "" }), { meaning: "For the reader.", otherwise: "none" }),
  refuseAt: optional(refusalStage, {
    meaning: "The first stage at which a client may be refused.",
    otherwise: inherited(POLICY_DEFAULTS.refuseAt),
  }),
  thresholds: optional(
    strict({
      reject: limit("reject", "Mail is refused when the balance reaches this."),
      junk: limit("junk", "Mail is marked as junk when the balance reaches this."),
      defer: limit(
        "defer",
        "Unknown senders are asked to retry (greylisting) when the balance reaches this.",
      ),
    }),
    {
      meaning: "Limits for the balance, which is the sum of debts minus credit.",
      otherwise: INHERITED,
    },
  ),
  caps: optional(
    amounts(GROUPS, "group", (group) => CAPS[group] ?? `The maximum debt of the group ${group}.`),
    {
      meaning: "The maximum debt of a group of rules, and two limits of credit.",
      otherwise: INHERITED,
    },
  ),
  credits: optional(
    amounts(CREDITS, "credit", (source) => `Credit for ${creditMeaning(source)}.`),
    { meaning: "What speaks for a sender.", otherwise: INHERITED },
  ),
  rules: optional(ruleDrafts, {
    meaning: "By rule id: kind, debt, cap, reply, tiers.",
    otherwise: INHERITED,
    each: "rule",
  }),
  weights: optional(weightDrafts, {
    meaning: "Short for rules.<rule>.debt; 0 switches a rule off.",
    otherwise: INHERITED,
    each: "rule",
  }),
  slowFactor: optional(wholeNumber(0, 8000), {
    meaning: "Tarpitting: how long a client with score 0 waits for each reply, in milliseconds.",
    otherwise: inherited(POLICY_DEFAULTS.slowFactor),
  }),
  blockBelow: optional(score, {
    meaning: "Refuse scores below this; replaces the tiers of score.low.",
    otherwise: "inherited, else those tiers",
  }),
  blockPhase: optional(refusalStage, {
    meaning: "The stage at which a score below blockBelow is refused.",
    otherwise: "inherited, else that of `refuseAt`",
  }),
  junkBelow: optional(score, {
    meaning: "Mark mail as junk for scores below this; replaces the tiers of score.low.",
    otherwise: "inherited, else those tiers",
  }),
  scoreHeader: optional(z.boolean({ error: "" }), {
    meaning: "Whether to add X-SenderScore to accepted mail.",
    otherwise: inherited(POLICY_DEFAULTS.scoreHeader),
  }),
  replyId: optional(z.boolean({ error: "" }), {
    meaning:
      "Whether a refusal ends in its decision id, `[a56ded3dd6cda8c2]`, by which the log line is found.",
    otherwise: inherited(POLICY_DEFAULTS.replyId),
  }),
  allowCancels: optional(oneOf(["debts", "rules"] as const), {
    meaning: "What an allow entry cancels: `debts`, or all `rules` except deny.",
    otherwise: inherited(POLICY_DEFAULTS.allowCancels),
  }),
  deny: optional(list(denyEntry), {
    meaning: "Clients and senders to refuse (rule client.denied).",
    otherwise: ADDED,
  }),
  allow: optional(list(allowEntry), {
    meaning: "The allowlist: clients and senders whose debts are cancelled.",
    otherwise: ADDED,
  }),
  recipients: optional(list(recipientEntry), {
    meaning: "Recipients with a mode of their own; the first matching entry applies.",
    otherwise: ADDED,
  }),
  known: optional(knownDraft, {
    meaning:
      'Names that rules know. A list adds to the inherited one; `"!name"` takes a name out of it. `{ checked: 2026-11-24, names: [a.example] }` is a list with the date on which it was last looked through.',
    otherwise: INHERITED,
  }),
  reputation: optional(reputationDraft, {
    meaning: "How reputation is learned, if there is a `state`; `off`: nothing is learned.",
    otherwise: "inherited, else `off`",
  }),
  expect: optional(list(expectation), {
    meaning: "Examples, run by `check` and before every reload.",
    otherwise: ADDED,
  }),
});

function creditMeaning(source: string): string {
  const [kind = "", name = ""] = source.split(".");
  if (kind === "lists") return `the DNSWL label ${name}`;
  if (kind === "writtenTo") return `an author whose ${name} one of your users has written to`;
  return `a learned score of 100 of the sender's ${name}`;
}
