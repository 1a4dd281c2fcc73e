import { IDENTITY_KINDS, type Policy, rules, STAGES } from "@postern/filter-core";
import { z } from "zod";
import {
  allowEntry,
  denyEntry,
  type EntryDraft,
  type RecipientDraft,
  recipientEntry,
} from "./entry-schema.ts";
import { type ReputationDraft, reputationDraft } from "./reputation-schema.ts";
import { type ById, type RuleDraft, ruleDrafts, weightDrafts } from "./rule-schema.ts";
import { list, number, oneOf, strict, wholeNumber } from "./values.ts";

type Draft<T> = T | undefined;

/** One policy file as its schema reads it: only what it says itself, nothing inherited. */
export interface PolicyDraft {
  readonly extends?: Draft<string>;
  readonly description?: Draft<string>;
  readonly refuseAt?: Draft<Policy["refuseAt"]>;
  readonly thresholds?: Draft<{ readonly [Name in keyof Policy["thresholds"]]?: Draft<number> }>;
  readonly caps?: Draft<ById<number>>;
  readonly credits?: Draft<ById<number>>;
  readonly rules?: Draft<ById<RuleDraft>>;
  readonly weights?: Draft<ById<number>>;
  readonly slowFactor?: Draft<number>;
  readonly blockBelow?: Draft<number>;
  readonly blockPhase?: Draft<Policy["refuseAt"]>;
  readonly junkBelow?: Draft<number>;
  readonly scoreHeader?: Draft<boolean>;
  readonly allowCancels?: Draft<Policy["allowCancels"]>;
  readonly deny?: Draft<readonly EntryDraft[]>;
  readonly allow?: Draft<readonly EntryDraft[]>;
  readonly recipients?: Draft<readonly RecipientDraft[]>;
  readonly reputation?: Draft<ReputationDraft | "off">;
  readonly expect?: Draft<readonly ExpectDraft[]>;
}

interface ExpectDraft {
  readonly name: string;
  readonly config?: unknown;
  readonly case: unknown;
  readonly verdict: readonly { readonly action: string; readonly rule?: string }[];
}

const refusalStage = oneOf(STAGES.filter((stage) => stage !== "message"));
const ACTIONS = ["accept", "junk", "tempfail", "reject"] as const;
const RULE_IDS = rules.map(({ id }) => id);
const GROUPS = [...new Set(rules.map(({ group }) => group)), "operator", "credit"];
/** What a list of good addresses may say, and what was learned here. */
const CREDITS = [
  "lists.dnswl-med",
  "lists.dnswl-hi",
  "writtenTo.address",
  "writtenTo.domain",
  ...IDENTITY_KINDS.map((kind) => `reputation.${kind}`),
];
const threshold = number(0.1, 1000);
const score = wholeNumber(0, 101);
const anything: z.ZodType<unknown> = z.record(z.string(), z.unknown(), { error: "" });

const action = oneOf(ACTIONS).transform((word) => ({ action: word }));
const verdict = strict({
  action: oneOf(ACTIONS).describe("What becomes of it."),
  rule: oneOf(RULE_IDS).optional().describe("The rule that decides."),
}).transform(({ action: word, rule }) =>
  rule === undefined ? { action: word } : { action: word, rule },
);
const one = z.union([action, verdict]);

const expectation: z.ZodType<ExpectDraft> = strict({
  name: z.string({ error: "" }).min(1, { error: "is empty" }).describe("What the example shows."),
  config: anything.optional().describe("Keys of postern.yaml, over a fixed test configuration."),
  case: anything.describe("The conversation, as a line of `try --jsonl`."),
  verdict: z
    .union([one.transform((single) => [single]), list(one).min(1, { error: "is empty" })])
    .describe("An action, a list of allowed ones, or `{ action: reject, rule: rdns.none }`."),
});

/** Every key of a policy file. */
export const policyDraft: z.ZodType<PolicyDraft> = strict({
  extends: z
    .string({ error: "" })
    .optional()
    .describe("The policy whose values are inherited: `postmaster-2026`, `poolp-2019` or a file."),
  description: z.string({ error: "" }).optional().describe("For the reader."),
  refuseAt: refusalStage
    .optional()
    .describe("The stage from which clients are told. Default `rcpt`."),
  thresholds: strict({
    reject: threshold.optional().describe("Refused from this balance on. Default 10."),
    junk: threshold.optional().describe("Marked as junk from this balance on. Default 6."),
    defer: threshold.optional().describe("Strangers come back later from here on. Default 4."),
  })
    .optional()
    .describe("The balance is the sum of debts less the credit."),
  caps: strict(
    Object.fromEntries(GROUPS.map((group) => [group, number(0, 100).optional()])),
    "group",
  )
    .optional()
    .describe(
      "The most that a group of rules can sum up to; `operator`: of the lists of one operator; `credit`: of all credit.",
    ),
  credits: strict(
    Object.fromEntries(CREDITS.map((source) => [source, number(0, 100).optional()])),
    "credit",
  )
    .optional()
    .describe(
      "The trust that a label of a list of good addresses gives; that a user of yours wrote to the author gives; that a score of 100 gives.",
    ),
  rules: ruleDrafts.optional().describe("By rule id: kind, debt, cap, reply, tiers."),
  weights: weightDrafts.optional().describe("Short for rules.<id>.debt; 0 switches a rule off."),
  slowFactor: wholeNumber(0, 8000)
    .optional()
    .describe("How long a client with score 0 waits for each answer, in milliseconds. Default 0."),
  blockBelow: score.optional().describe("Refuses scores below this; replaces score.low's tiers."),
  blockPhase: refusalStage.optional().describe("The stage at which that is told."),
  junkBelow: score.optional().describe("Marks scores below this; replaces score.low's tiers."),
  scoreHeader: z
    .boolean({ error: "" })
    .optional()
    .describe("Whether accepted mail gets X-SenderScore. Default false."),
  allowCancels: oneOf(["debts", "rules"] as const)
    .optional()
    .describe("What an allow entry cancels: `debts`, or all `rules` but deny. Default `debts`."),
  deny: list(denyEntry).optional().describe("Who is refused (rule client.denied)."),
  allow: list(allowEntry).optional().describe("Who is forgiven debts."),
  recipients: list(recipientEntry)
    .optional()
    .describe("Recipients that want a mode of their own; the first entry that matches counts."),
  reputation: reputationDraft
    .optional()
    .describe("How senders come to be known here, where there is a `state`; `off`: not at all."),
  expect: list(expectation)
    .optional()
    .describe("Examples: run by `check` and before every reload."),
});
