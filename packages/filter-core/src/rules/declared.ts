import type { Rule } from "../rule.ts";

/** Rules that policies may name already; no source gathers their facts yet, so they observe nothing. */
const rule = (
  id: string,
  group: string,
  kind: Rule["kind"],
  stage: Rule["stage"],
  summary: string,
): Rule => ({ id, group, kind, stage, summary });

export const historyRules: readonly Rule[] = [
  rule("probing", "probing", "final", "rcpt", "Three or more unknown recipients, none known."),
  rule("stranger", "stranger", "weighed", "message", "Nothing is known of address or domain."),
];
