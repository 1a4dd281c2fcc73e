import type { Facts } from "../facts.ts";
import { isIpv6, networkAround } from "../ip-address.ts";
import type { Policy } from "../policy.ts";
import type { ReplyTemplate } from "../reply-template.ts";
import { isUnknown } from "../rules/signatures.ts";
import { addressIdentity } from "./identity.ts";
import { acquaintance } from "./learned.ts";

/** How long a fault of a server's set-up is told softly: until both are over. */
const SOFT_SECONDS = 24 * 3_600;
const SOFT_TRIES = 3;

/** When a stranger who was sent away may come back. */
const SOONEST_SECONDS = 60;
const LATEST_SECONDS = 3_600;
/** Whoever tries again only after the latest time is sent away once more, and then let in: no mail is lost by waiting. */
const SLOW_TRIES = 2;

/**
 * Under what it is remembered that a stranger was sent away: network and domain of the sender; where SPF passes the
 * domain alone, since big senders try again from elsewhere (SECURITY.md T44). undefined: nothing can be remembered.
 */
export function deferralKey({ client, from, spf }: Facts): string | undefined {
  const { address } = client;
  const domain = from === null || from === "null-sender" ? "" : (from.domain ?? "");
  if (domain !== "" && spf?.mailfrom.result === "pass" && spf.mailfrom.permits === "some")
    return `deferral:${domain}`;
  if (address === null) return undefined;
  return `deferral:${networkAround(address, isIpv6(address) ? 64 : 24).text}:${domain}`;
}

/** Under what it is remembered since when a client's set-up is at fault. */
export function faultKey({ client: { address } }: Facts): string | undefined {
  return address === null ? undefined : `fault:${addressIdentity(address).key}`;
}

/** Whether a delivery has come back as a mail server does: to be remembered as `passed` when the mail is let in. */
export function hasComeBack({ seen }: Facts): boolean {
  if (seen === undefined || seen.deferral === "first") return false;
  if (seen.deferral === "passed") return true;
  const { firstSecondsAgo, tries } = seen.deferral;
  if (tries < 1 || firstSecondsAgo < SOONEST_SECONDS) return false;
  return firstSecondsAgo <= LATEST_SECONDS || tries >= SLOW_TRIES;
}

/** Whether a message with this balance is to come back later: its sender is a stranger and it is neither good nor bad. */
export function isDeferralDue(balance: number, facts: Facts, policy: Policy): boolean {
  const { defer, reject } = policy.thresholds;
  if (balance < defer || balance >= reject) return false;
  if (facts.seen === undefined || hasComeBack(facts)) return false;
  return acquaintance(facts, policy) === "unknown" && !restsOnTemperror(facts, policy);
}

/** Whether the fault behind a refusal is still so young that the client is told to come back. */
export function isToldSoftly(rule: string, { seen }: Facts, { reputation }: Policy): boolean {
  if (!isSetupFault(rule) || seen === undefined || reputation === undefined) return false;
  if (seen.faults === "first") return true;
  return seen.faults.firstSecondsAgo < SOFT_SECONDS || seen.faults.tries < SOFT_TRIES;
}

/** A lasting fault of a server's set-up, which its owner may not know of yet. */
export function isSetupFault(rule: string): boolean {
  return rule.startsWith("rdns.") || rule === "sender.no-domain";
}

/** The same reply, for the time being. */
export function soften(reply: ReplyTemplate): ReplyTemplate {
  const { code, enhanced } = reply;
  if (code < 500) return reply;
  return { ...reply, code: 451, enhanced: enhanced === null ? null : `4${enhanced.slice(1)}` };
}

/** Whether a lookup failed that could have made the balance less, or the sender known. */
function restsOnTemperror(facts: Facts, { credits }: Policy): boolean {
  const { reverseName, fcrdns, spf, dkim = [], dmarc, arc, senderDomain, lists = [] } = facts;
  const hasListCredit = Object.keys(credits).some((source) => source.startsWith("lists."));
  return (
    facts.resolver === "down" ||
    reverseName?.status === "temperror" ||
    [fcrdns, spf?.mailfrom.result, spf?.helo.result, dmarc?.result, arc?.result].includes(
      "temperror",
    ) ||
    senderDomain === "temperror" ||
    dkim.some(isUnknown) ||
    (hasListCredit && lists.some(({ result }) => result.status === "temperror"))
  );
}
