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

export const fromHardRules: readonly Rule[] = [
  rule("from.not-one", "from", "hard", "message", "From does not hold exactly one mailbox."),
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

export const authRules: readonly Rule[] = [
  rule("auth.none", "auth", "weighed", "message", "Neither SPF nor DKIM passes."),
  rule("spf.fail", "auth", "weighed", "message", "SPF fails, and the author has no DMARC."),
  rule("spf.softfail", "auth", "weighed", "message", "SPF fails softly, without DMARC."),
  rule("spf.permerror", "auth", "weighed", "message", "The SPF record is broken, without DMARC."),
  rule("spf.pass-all", "auth", "weighed", "message", "SPF allows the whole world, without DMARC."),
  rule("dmarc.reject", "auth", "weighed", "message", "DMARC fails; the author asks for rejection."),
  rule("dmarc.reject-list", "auth", "weighed", "message", "The same, through a discussion list."),
  rule("dmarc.quarantine", "auth", "weighed", "message", "DMARC fails; quarantine is asked for."),
  rule("dmarc.none", "auth", "weighed", "message", "DMARC fails; nothing is asked for."),
  rule("dmarc.absent", "auth", "weighed", "message", "The author domain has no DMARC record."),
];

export const ourDomainRules: readonly Rule[] = [
  rule("from.ours", "ours", "weighed", "message", "Our own domain in From, without our signature."),
];

export const formatRules: readonly Rule[] = [
  rule("format.no-message-id", "format", "weighed", "message", "There is no Message-ID."),
  rule("format.no-date", "format", "weighed", "message", "There is no Date."),
  rule("format.odd-date", "format", "weighed", "message", "Date is more than seven days off."),
  rule("bulk.no-one-click", "bulk", "weighed", "message", "Bulk mail without one-click leave."),
];

export const historyRules: readonly Rule[] = [
  rule("probing", "probing", "final", "rcpt", "Three or more unknown recipients, none known."),
  rule("stranger", "stranger", "weighed", "message", "Nothing is known of address or domain."),
];
