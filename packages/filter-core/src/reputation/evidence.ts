import type { Judgement } from "../judge.ts";
import type { Policy } from "../policy.ts";
import type { Outcome } from "../telling.ts";
import type { EvidenceKind } from "./evidence-kinds.ts";
import type { Identity, IdentityKind } from "./identity.ts";

const EVERYBODY: readonly IdentityKind[] = ["domain", "dkim", "spf", "address", "network"];
/** What a client does before its message says nothing of the author it will name. */
const CLIENT: readonly IdentityKind[] = ["address", "network"];

const TOUCHES: Readonly<Record<EvidenceKind, readonly IdentityKind[]>> = {
  clean: EVERYBODY,
  markedHam: EVERYBODY,
  writtenTo: ["domain"],
  refused: EVERYBODY,
  misconfigured: CLIENT,
  unknownRecipient: CLIENT,
  relayAttempt: CLIENT,
  brokenSmtp: CLIENT,
  markedSpam: EVERYBODY,
};

/** Those of the identities that a kind of evidence says something of. */
export function touchedBy(
  kind: EvidenceKind,
  identities: readonly Identity[],
): readonly Identity[] {
  return identities.filter((identity) => TOUCHES[kind].includes(identity.kind));
}

/**
 * How much of `amount` still counts for one identity today (SECURITY.md T42): nobody earns a name in a day.
 *
 * @param countedToday of this kind, for this identity, in UTC days.
 */
export function stillCounts(
  kind: EvidenceKind,
  amount: number,
  countedToday: number,
  caps: Readonly<Record<EvidenceKind, number>>,
): number {
  return Math.max(0, Math.min(amount, caps[kind] - countedToday));
}

/** Families of rules whose refusal is about a server's set-up, not about what it sends. */
const SETUP = ["rdns.", "helo.", "sender.no-domain", "format.", "tls.", "bulk."];
/** Decisions that are about us: the administrator's word, a lookup that failed, a stranger. */
const OURS = ["client.denied", "defer.once", "fault.", "stranger"];

/**
 * What a refusal by this rule is evidence of; undefined: of nothing. HELO with our own name is no mistake but a lie.
 */
export function evidenceOfRefusal(rule: string): EvidenceKind | undefined {
  const isOf = (families: readonly string[]): boolean =>
    families.some((family) => (family.endsWith(".") ? rule.startsWith(family) : rule === family));
  if (isOf(OURS) || rule.endsWith(".temperror")) return undefined;
  if (rule === "helo.ours") return "refused";
  return isOf(SETUP) ? "misconfigured" : "refused";
}

/**
 * What the end of a message is evidence of. Clean is what would have been accepted without any trust: trust must not
 * beget trust; nor must being a stranger keep one a stranger. In observe and junk mode it is what enforce mode would
 * have seen.
 */
export function evidenceOfMessage(
  judgement: Judgement,
  { action, would, decision }: Outcome,
  { thresholds }: Policy,
): EvidenceKind | undefined {
  switch (would ?? action) {
    case "accept":
      return ownDebt(judgement) < Math.min(thresholds.defer, thresholds.junk) ? "clean" : undefined;
    case "reject":
      return evidenceOfRefusal((decision ?? judgement.message)?.rule ?? "");
    default:
      return undefined;
  }
}

/** Without what it owes to being unknown. */
function ownDebt({ debt, badness, observations }: Judgement): number {
  const strange = observations.find(({ rule }) => rule === "stranger")?.debt ?? 0;
  return debt - strange * (1 + badness / 2);
}
