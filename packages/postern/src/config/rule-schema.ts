import {
  type ReplyTemplate,
  RULE_KINDS,
  type RuleKind,
  rules,
  type Tier,
} from "@postern/filter-core";
import { z } from "zod";
import { INHERITED, inherited, optional, required } from "./key.ts";
import { replyValue } from "./reply-value.ts";
import { list, number, oneOf, strict, wholeNumber } from "./values.ts";

/** One rule as one policy file sets it. */
export interface RuleDraft {
  readonly kind?: RuleKind | undefined;
  readonly debt?: number | undefined;
  readonly cap?: number | undefined;
  readonly reply?: ReplyTemplate | undefined;
  readonly tiers?: readonly Tier[] | undefined;
}

export type ById<T> = Readonly<Partial<Record<string, T>>>;

/** Of a rule that no file gives one. */
export const DEFAULT_REPLY = "550 5.7.1 refused by local policy";

const debt = number(0, 100);

const tier: z.ZodType<Tier> = strict({
  below: required(wholeNumber(1, 101), {
    meaning: "The tier applies to scores below this number.",
  }),
  debt: optional(debt, { meaning: "The debt of this tier.", otherwise: "none" }),
  action: optional(oneOf(["reject", "junk"] as const), {
    meaning: "Applied at once, whatever the other rules say.",
    otherwise: "none",
  }),
})
  // `below`, and one of the two others.
  .meta({ minProperties: 2, maxProperties: 2 })
  .transform(({ below, debt: counts, action }, context) => {
    if (counts !== undefined && action === undefined) return { below, debt: counts };
    if (action !== undefined && counts === undefined) return { below, action };
    const message = "a tier needs either debt or action";
    context.issues.push({ code: "custom", message, input: null, params: { isSentence: true } });
    return z.NEVER;
  });

const tiers: z.ZodType<readonly Tier[]> = list(tier)
  .meta({ minItems: 1 })
  .transform((steps, context) => {
    const limits = new Set(steps.map(({ below }) => below));
    if (steps.length > 0 && limits.size === steps.length)
      return steps.toSorted((a, b) => a.below - b.below);
    const message =
      steps.length === 0
        ? "is empty: add a tier, or set debt: 0 to switch the rule off"
        : "two tiers have the same value of below";
    context.issues.push({ code: "custom", message, input: null, params: { isSentence: true } });
    return z.NEVER;
  });

const rule: z.ZodType<RuleDraft> = strict({
  kind: optional(oneOf<RuleKind>(RULE_KINDS), {
    meaning:
      "`hard`: decides by itself. `final`: adds debt and may refuse before DATA. `weighed`: adds debt once the whole message is known.",
    otherwise: "inherited, else that of the rule in [policy.md](policy.md)",
  }),
  debt: optional(debt, {
    meaning: "The debt it adds; 0 switches any rule off.",
    otherwise: INHERITED,
  }),
  cap: optional(debt, {
    meaning: "When this rule matches, the cap of its group is at least this.",
    otherwise: "inherited, else none",
  }),
  reply: optional(replyValue, {
    meaning:
      "The reply when this rule decides, such as `550 5.7.25 you must have rDNS`. Variables: {ip}, {rule}, {id}, {zone} and {url}.",
    otherwise: inherited(DEFAULT_REPLY),
  }),
  tiers: optional(tiers, {
    meaning: "For score.low: `[{ below: 10, debt: 10 }, { below: 30, action: junk }]`.",
    otherwise: INHERITED,
  }),
});

/** By rule id. */
export const ruleDrafts: z.ZodType<ById<RuleDraft>> = strict(
  Object.fromEntries(
    rules.map(({ id, summary }) => [
      id,
      optional(rule, { meaning: summary, otherwise: "inherited, else the rule is off" }),
    ]),
  ),
  "rule",
);

/** By rule id: `tls.none: 0`. */
export const weightDrafts: z.ZodType<ById<number>> = strict(
  Object.fromEntries(
    rules.map(({ id, summary }) => [
      id,
      optional(debt, { meaning: summary, otherwise: INHERITED }),
    ]),
  ),
  "rule",
);
