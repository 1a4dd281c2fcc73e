import { IDENTITY_KINDS, type Policy, rules, STAGES } from "@postern/filter-core";
import { z } from "zod";
import type { AllowedVerdict } from "./config-types.ts";
import {
  allowEntry,
  denyEntry,
  type EntryDraft,
  type RecipientDraft,
  recipientEntry,
} from "./entry-schema.ts";
import { type KnownDraft, knownDraft } from "./known-schema.ts";
import { type ReputationDraft, reputationDraft } from "./reputation-schema.ts";
import { type ById, type RuleDraft, ruleDrafts, weightDrafts } from "./rule-schema.ts";
import { list, number, oneOf, strict, wholeNumber } from "./values.ts";

type Draft<T> = T | undefined;

/** One policy file as its schema reads it, without inherited values. */
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
  readonly replyId?: Draft<boolean>;
  readonly allowCancels?: Draft<Policy["allowCancels"]>;
  readonly deny?: Draft<readonly EntryDraft[]>;
  readonly allow?: Draft<readonly EntryDraft[]>;
  readonly recipients?: Draft<readonly RecipientDraft[]>;
  readonly known?: Draft<KnownDraft>;
  readonly reputation?: Draft<ReputationDraft | "off">;
  readonly expect?: Draft<readonly ExpectDraft[]>;
}

interface ExpectDraft {
  readonly name: string;
  readonly config?: unknown;
  readonly case: unknown;
  readonly verdict: readonly AllowedVerdict[];
}

const refusalStage = oneOf(STAGES.filter((stage) => stage !== "message"));
const ACTIONS = ["accept", "junk", "tempfail", "reject"] as const;
const RULE_IDS = rules.map(({ id }) => id);
const GROUPS = [...new Set(rules.map(({ group }) => group)), "operator", "credit", "clean"];
/** Sources of credit: DNSWL labels, and what was learned here. */
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
  action: oneOf(ACTIONS).describe("The action."),
  rule: oneOf(RULE_IDS).optional().describe("The rule that decides."),
  matches: list(oneOf(RULE_IDS)).optional().describe("Rules that must match."),
  matchesNot: list(oneOf(RULE_IDS)).optional().describe("Rules that must not match."),
}).transform(
  ({ action: word, rule, matches, matchesNot }): AllowedVerdict => ({
    action: word,
    ...(rule === undefined ? {} : { rule }),
    ...(matches === undefined ? {} : { matches }),
    ...(matchesNot === undefined ? {} : { matchesNot }),
  }),
);
const one = z.union([action, verdict]);

const expectation: z.ZodType<ExpectDraft> = strict({
  name: z.string({ error: "" }).min(1, { error: "is empty" }).describe("What the example shows."),
  config: anything.optional().describe("Keys of postern.yaml, over a fixed test configuration."),
  case: anything.describe("The conversation, as a line of `try --jsonl`."),
  verdict: z
    .union([one.transform((single) => [single]), list(one).min(1, { error: "is empty" })])
    .describe("An action, a list of accepted actions, or `{ action: reject, rule: rdns.none }`."),
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
    .describe("The first stage at which a client may be refused. Default `rcpt`."),
  thresholds: strict({
    reject: threshold
      .optional()
      .describe("Mail is refused when the balance reaches this. Default 10."),
    junk: threshold
      .optional()
      .describe("Mail is marked as junk when the balance reaches this. Default 6."),
    defer: threshold
      .optional()
      .describe(
        "Unknown senders are asked to retry (greylisting) when the balance reaches this. Default 4.",
      ),
  })
    .optional()
    .describe("Limits for the balance, which is the sum of debts minus credit."),
  caps: strict(
    Object.fromEntries(GROUPS.map((group) => [group, number(0, 100).optional()])),
    "group",
  )
    .optional()
    .describe(
      "The maximum debt of a group of rules; `operator`: of all lists of one operator; `credit`: the maximum of all credit; `clean`: of the learned credit that clean mail alone has earned.",
    ),
  credits: strict(
    Object.fromEntries(CREDITS.map((source) => [source, number(0, 100).optional()])),
    "credit",
  )
    .optional()
    .describe(
      "Credit for a DNSWL label, for an author whom one of your users has written to, and for a learned score of 100.",
    ),
  rules: ruleDrafts.optional().describe("By rule id: kind, debt, cap, reply, tiers."),
  weights: weightDrafts.optional().describe("Short for rules.<id>.debt; 0 switches a rule off."),
  slowFactor: wholeNumber(0, 8000)
    .optional()
    .describe(
      "Tarpitting: how long a client with score 0 waits for each reply, in milliseconds. Default 0.",
    ),
  blockBelow: score
    .optional()
    .describe("Refuse scores below this; replaces the tiers of score.low."),
  blockPhase: refusalStage
    .optional()
    .describe("The stage at which a score below blockBelow is refused."),
  junkBelow: score
    .optional()
    .describe("Mark mail as junk for scores below this; replaces the tiers of score.low."),
  scoreHeader: z
    .boolean({ error: "" })
    .optional()
    .describe("Whether to add X-SenderScore to accepted mail. Default false."),
  replyId: z
    .boolean({ error: "" })
    .optional()
    .describe(
      "Whether a refusal ends in its decision id, `[a56ded3dd6cda8c2]`, by which the log line is found. Default false.",
    ),
  allowCancels: oneOf(["debts", "rules"] as const)
    .optional()
    .describe("What an allow entry cancels: `debts`, or all `rules` except deny. Default `debts`."),
  deny: list(denyEntry).optional().describe("Clients and senders to refuse (rule client.denied)."),
  allow: list(allowEntry)
    .optional()
    .describe("The allowlist: clients and senders whose debts are cancelled."),
  recipients: list(recipientEntry)
    .optional()
    .describe("Recipients with a mode of their own; the first matching entry applies."),
  known: knownDraft
    .optional()
    .describe(
      'Names that rules know. A list adds to the inherited one; `"!name"` takes a name out of it. `{ checked: 2026-11-24, names: [a.example] }` is a list with the date on which it was last looked through.',
    ),
  reputation: reputationDraft
    .optional()
    .describe("How reputation is learned, if there is a `state`; `off`: nothing is learned."),
  expect: list(expectation)
    .optional()
    .describe("Examples, run by `check` and before every reload."),
});
