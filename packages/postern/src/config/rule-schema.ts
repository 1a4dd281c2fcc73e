import { KINDS, type Kind, type ReplyTemplate, rules, type Tier } from "@postern/filter-core";
import { z } from "zod";
import { replyValue } from "./reply-value.ts";
import { list, number, oneOf, strict, wholeNumber } from "./values.ts";

/** One rule as one policy file sets it. */
export interface RuleDraft {
  readonly kind?: Kind | undefined;
  readonly debt?: number | undefined;
  readonly cap?: number | undefined;
  readonly reply?: ReplyTemplate | undefined;
  readonly tiers?: readonly Tier[] | undefined;
}

export type ById<T> = Readonly<Partial<Record<string, T>>>;

const debt = number(0, 100);

const tier: z.ZodType<Tier> = strict({
  below: wholeNumber(1, 101).describe("The tier applies to scores below this number."),
  debt: debt.optional().describe("The debt of this tier."),
  action: oneOf(["reject", "junk"] as const)
    .optional()
    .describe("Applied at once, whatever the other rules say."),
}).transform(({ below, debt: counts, action }, context) => {
  if (counts !== undefined && action === undefined) return { below, debt: counts };
  if (action !== undefined && counts === undefined) return { below, action };
  const message = "a tier needs either debt or action";
  context.issues.push({ code: "custom", message, input: null, params: { isSentence: true } });
  return z.NEVER;
});

const tiers: z.ZodType<readonly Tier[]> = list(tier).transform((steps, context) => {
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
  kind: oneOf<Kind>(KINDS)
    .optional()
    .describe(
      "`hard`: decides by itself. `final`: adds debt and may refuse before DATA. `weighed`: adds debt once the whole message is known.",
    ),
  debt: debt.optional().describe("The debt it adds; 0 switches any rule off."),
  cap: debt.optional().describe("When this rule matches, the cap of its group is at least this."),
  reply: replyValue
    .optional()
    .describe(
      "The reply when this rule decides, such as `550 5.7.25 you must have rDNS`. Variables: {ip}, {rule}, {id}, {zone} and {url}.",
    ),
  tiers: tiers
    .optional()
    .describe("For score.low: `[{ below: 10, debt: 10 }, { below: 30, action: junk }]`."),
});

/** By rule id. */
export const ruleDrafts: z.ZodType<ById<RuleDraft>> = strict(
  Object.fromEntries(rules.map(({ id, summary }) => [id, rule.optional().describe(summary)])),
  "rule",
);

/** By rule id: `tls.none: 0`. */
export const weightDrafts: z.ZodType<ById<number>> = strict(
  Object.fromEntries(rules.map(({ id, summary }) => [id, debt.optional().describe(summary)])),
  "rule",
);
