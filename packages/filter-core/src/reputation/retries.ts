import { isIpv6, networkAround } from "@postern/smtp-filter";
import type { Facts } from "../facts/facts.ts";
import { failedLookups, type LookupName } from "../facts/failed-lookups.ts";
import type { Policy } from "../policy/policy.ts";
import type { ReplyTemplate } from "../policy/reply-template.ts";
import { addressIdentity } from "./identity.ts";
import { familiarity } from "./learned.ts";

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
 * domain alone, since big senders try again from elsewhere. undefined: nothing can be remembered.
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
  return familiarity(facts, policy) === "unknown" && !mayBeExcused(facts, policy);
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

/** A found answer to these only adds debts: that they failed has spared the sender something. */
const NEVER_EXCUSE: readonly LookupName[] = ["scores", "authorDomain"];

/**
 * Whether a failed lookup could have lowered the balance, or shown that the sender is known. A list might have been one of
 * good addresses; a HELO address might have proved the name of an allow entry.
 */
function mayBeExcused(facts: Facts, { allow }: Policy): boolean {
  if (facts.resolver === "down") return true;
  return failedLookups(facts).some((name) =>
    name === "heloAddress" ? allow.length > 0 : !NEVER_EXCUSE.includes(name),
  );
}
