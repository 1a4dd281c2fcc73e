import type { FactName, Facts } from "./facts.ts";
import { isUnknown } from "./signatures.ts";

/** A fact that comes from a lookup; SPF asks for two identities. */
export type LookupName = Exclude<FactName, "spf" | NotLookedUp> | "spf.mailfrom" | "spf.helo";

/** What the mail server, the message or we ourselves say; and history, where a failed lookup leaves the fact out. */
type NotLookedUp =
  | ("version" | "now" | "stage" | "standing" | "site" | "client" | "helo" | "from" | "recipients")
  | ("header" | "forgedFields" | "forwarder" | "recipientsTold" | "learning" | "resolver")
  | ("credits" | "reputation" | "vouched" | "complaints" | "seen");

const isFailed = (one: { readonly status: string } | undefined): boolean =>
  one?.status === "temperror";

/** A new fact does not compile until it has a line here, or is one that no lookup gives. */
const HAS_FAILED: Readonly<Record<LookupName, (facts: Facts) => boolean>> = {
  reverseName: ({ reverseName }) => isFailed(reverseName),
  fcrdns: ({ fcrdns }) => fcrdns === "temperror",
  heloAddress: ({ heloAddress }) => isFailed(heloAddress),
  scores: ({ scores = [] }) => scores.some(({ result }) => isFailed(result)),
  lists: ({ lists = [] }) => lists.some(({ result }) => isFailed(result)),
  senderDomain: ({ senderDomain }) => senderDomain === "temperror",
  "spf.mailfrom": ({ spf }) => spf?.mailfrom.result === "temperror",
  "spf.helo": ({ spf }) => spf?.helo.result === "temperror",
  dkim: ({ dkim = [] }) => dkim.some(isUnknown),
  arc: ({ arc }) => arc?.result === "temperror",
  dmarc: ({ dmarc }) => dmarc?.result === "temperror",
  authorDomain: ({ authorDomain }) => authorDomain === "temperror",
  correspondents: ({ correspondents }) => correspondents === "temperror",
};

export const LOOKUPS: readonly LookupName[] = Object.keys(HAS_FAILED) as LookupName[];

/** The lookups that ended as `temperror`: what they would have said is not known, and is never evidence. */
export function failedLookups(facts: Facts): readonly LookupName[] {
  return LOOKUPS.filter((name) => HAS_FAILED[name](facts));
}

/** Whether the DNS left a question open; `correspondents` are asked of our own store. */
export function hasFailedQuestion(facts: Facts): boolean {
  return failedLookups(facts).some((name) => name !== "correspondents");
}
