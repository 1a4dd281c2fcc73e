import { isIpv6, networkAround } from "@postern/smtp-filter";
import type { Facts } from "../facts.ts";
import type { Policy } from "../policy.ts";
import type { ReplyTemplate } from "../reply-template.ts";
import { isUnknown } from "../rules/signatures.ts";
import { addressIdentity } from "./identity.ts";
import { acquaintance } from "./learned.ts";

/** How long a configuration fault is rejected temporarily: until both limits are reached. */
const SOFT_SECONDS = 24 * 3_600;
const SOFT_TRIES = 3;

/** When a greylisted sender may retry. */
const SOONEST_SECONDS = 60;
const LATEST_SECONDS = 3_600;
/** A sender that retries after the latest time is deferred once more and then accepted, so that no mail is lost. */
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

/** The key under which the start of a configuration fault is stored. */
export function faultKey({ client: { address } }: Facts): string | undefined {
  return address === null ? undefined : `fault:${addressIdentity(address).key}`;
}

/** Whether a delivery was retried as mail servers do: stored as `passed` when the mail is accepted. */
export function hasComeBack({ seen }: Facts): boolean {
  if (seen === undefined || seen.deferral === "first") return false;
  if (seen.deferral === "passed") return true;
  const { firstSecondsAgo, tries } = seen.deferral;
  if (tries < 1 || firstSecondsAgo < SOONEST_SECONDS) return false;
  return firstSecondsAgo <= LATEST_SECONDS || tries >= SLOW_TRIES;
}

/** Whether to greylist a message with this balance: the sender is unknown, and the balance is between defer and reject. */
export function isDeferralDue(balance: number, facts: Facts, policy: Policy): boolean {
  const { defer, reject } = policy.thresholds;
  if (balance < defer || balance >= reject) return false;
  if (facts.seen === undefined || hasComeBack(facts)) return false;
  return acquaintance(facts, policy) === "unknown" && !restsOnTemperror(facts, policy);
}

/** Whether a client's configuration fault is recent enough for a temporary rejection. */
export function isYoungFault({ seen }: Facts, { reputation }: Policy): boolean {
  if (seen === undefined || reputation === undefined) return false;
  if (seen.faults === "first") return true;
  return seen.faults.firstSecondsAgo < SOFT_SECONDS || seen.faults.tries < SOFT_TRIES;
}

/** The same reply as a temporary rejection. */
export function soften(reply: ReplyTemplate): ReplyTemplate {
  const { code, enhanced } = reply;
  if (code < 500) return reply;
  return { ...reply, code: 451, enhanced: enhanced === null ? null : `4${enhanced.slice(1)}` };
}

/** Whether a failed lookup could have lowered the balance, or shown that the sender is known. */
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
