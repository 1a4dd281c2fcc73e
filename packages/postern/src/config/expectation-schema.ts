import { rules } from "@postern/filter-core";
import { z } from "zod";
import { optional, required } from "./key.ts";
import { list, oneOf, strict } from "./values.ts";

/** A verdict that an example may have. */
export interface AllowedVerdict {
  readonly action: string;
  /** The rule that decides. */
  readonly rule?: string;
  /** Rules that make an observation. */
  readonly matches?: readonly string[];
  /** Rules that make none. */
  readonly matchesNot?: readonly string[];
}

/** An example of a policy: a conversation, and what must become of it. */
export interface Expectation {
  readonly name: string;
  /** Keys over the fixed test configuration; undefined: none. */
  readonly config: unknown;
  /** The conversation, as a line of `try --jsonl`. */
  readonly input: unknown;
  readonly allowed: readonly AllowedVerdict[];
  /** `own`: of the administrator's own file, so that a failing one blocks a reload. */
  readonly origin: "own" | "inherited";
  /** `file:line`. */
  readonly place: string;
}

const ACTIONS = ["accept", "junk", "tempfail", "reject"] as const;
const RULE_IDS = rules.map(({ id }) => id);
const anything: z.ZodType<unknown> = z.record(z.string(), z.unknown(), { error: "" });

const action = oneOf(ACTIONS).transform((word) => ({ action: word }));
const verdict = strict({
  action: required(oneOf(ACTIONS), { meaning: "The action." }),
  rule: optional(oneOf(RULE_IDS), { meaning: "The rule that decides.", otherwise: "any" }),
  matches: optional(list(oneOf(RULE_IDS)), {
    meaning: "Rules that must match.",
    otherwise: "none",
  }),
  matchesNot: optional(list(oneOf(RULE_IDS)), {
    meaning: "Rules that must not match.",
    otherwise: "none",
  }),
}).transform(
  ({ action: word, rule, matches, matchesNot }): AllowedVerdict => ({
    action: word,
    ...(rule === undefined ? {} : { rule }),
    ...(matches === undefined ? {} : { matches }),
    ...(matchesNot === undefined ? {} : { matchesNot }),
  }),
);
const one: z.ZodType<AllowedVerdict> = z.union([action, verdict]);
const verdicts: z.ZodType<readonly AllowedVerdict[]> = z.union([
  one.transform((single) => [single]),
  list(one).min(1, { error: "is empty" }),
]);

/** One entry of `expect`. */
export const expectation = strict({
  name: required(z.string({ error: "" }).min(1, { error: "is empty" }), {
    meaning: "What the example shows.",
  }),
  config: optional(anything, {
    meaning: "Keys of postern.yaml, over a fixed test configuration.",
    otherwise: "none",
    each: "key",
  }),
  case: required(anything, {
    meaning: "The conversation, as a line of `try --jsonl`.",
    each: "key",
  }),
  verdict: required(verdicts, {
    meaning: "An action, a list of accepted actions, or `{ action: reject, rule: rdns.none }`.",
  }),
});
