import type { Rule } from "../rule.ts";

/** Rules that policies may name already; no source gathers their facts yet, so they observe nothing. */
const rule = (
  id: string,
  group: string,
  kind: Rule["kind"],
  stage: Rule["stage"],
  summary: string,
): Rule => ({ id, group, kind, stage, summary });

export const senderHardRules: readonly Rule[] = [
  rule("sender.null-mx", "sender", "hard", "mail", "The sender's domain says it takes no mail."),
];

export const listHardRules: readonly Rule[] = [
  rule("lists.drop", "lists", "hard", "connect", "The network is listed as hijacked or criminal."),
];

export const listRules: readonly Rule[] = [
  rule("lists.sbl", "lists", "final", "connect", "The address is listed as a source of spam."),
  rule("lists.css", "lists", "final", "connect", "The address is listed as snowshoe spam."),
  rule("lists.xbl", "lists", "final", "connect", "The address is listed as a hijacked machine."),
  rule("lists.pbl", "lists", "final", "connect", "The address is listed as one for end users."),
  rule("lists.class2", "lists", "final", "connect", "The address is on a list of second rank."),
];

export const senderRules: readonly Rule[] = [
  rule("sender.no-domain", "sender", "final", "mail", "The sender's domain cannot take mail."),
];

export const historyRules: readonly Rule[] = [
  rule("probing", "probing", "final", "rcpt", "Three or more unknown recipients, none known."),
  rule("stranger", "stranger", "weighed", "message", "Nothing is known of address or domain."),
];
