import type { Judgement } from "../judgement/judge.ts";
import type { Outcome } from "../judgement/telling.ts";
import type { EvidenceKind } from "../policy/evidence-kinds.ts";
import type { Policy } from "../policy/policy.ts";
import type { RulePapers } from "../rules/rule.ts";
import { IDENTITY_KINDS, type Identity, type IdentityKind } from "./identity.ts";

const EVERYBODY: readonly IdentityKind[] = IDENTITY_KINDS;
/**
 * What a client does, and what it is refused for, counts for the client alone: it has not named an author yet, or has a
 * name that was forged, replayed or handed on.
 */
const CLIENT: readonly IdentityKind[] = ["address", "network"];

const TOUCHES: Readonly<Record<EvidenceKind, readonly IdentityKind[]>> = {
  clean: EVERYBODY,
  markedHam: EVERYBODY,
  writtenTo: ["domain"],
  refused: CLIENT,
  misconfigured: CLIENT,
  unknownRecipient: CLIENT,
  relayAttempt: CLIENT,
  brokenSmtp: CLIENT,
  markedSpam: EVERYBODY,
};

/** The identities that a kind of evidence applies to. */
export function touchedBy(
  kind: EvidenceKind,
  identities: readonly Identity[],
): readonly Identity[] {
  return identities.filter((identity) => TOUCHES[kind].includes(identity.kind));
}

/**
 * How much of `amount` still counts for one identity today (SECURITY.md T42): a good reputation cannot be built in a day.
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

/** What a permanent refusal by a rule is evidence of; undefined: of nothing. */
export function evidenceOfRefusal({ evidence }: RulePapers): EvidenceKind | undefined {
  return evidence === "refused" || evidence === "misconfigured" ? evidence : undefined;
}

/**
 * The evidence from the end of a message. `clean` means accepted even without any credit: credit never counts as
 * evidence, and neither does the debt for being unknown or for what users said. Observe and junk mode use the result of
 * enforce mode.
 */
export function evidenceOfMessage(
  judgement: Judgement,
  { action, would, decision }: Outcome,
  { thresholds }: Policy,
): EvidenceKind | undefined {
  switch (would ?? action) {
    case "accept":
      return ownDebt(judgement) < Math.min(thresholds.defer, thresholds.junk) ? "clean" : undefined;
    case "reject": {
      const by = decision ?? judgement.message;
      return by === null ? undefined : evidenceOfRefusal(by.papers);
    }
    default:
      return undefined;
  }
}

/** What a message owes for itself, not for its sender's name here. */
function ownDebt({ debt, badness, observations }: Judgement): number {
  const ofName = observations
    .filter(({ papers }) => papers.evidence === "our-record")
    .reduce((sum, one) => sum + one.debt, 0);
  return debt - ofName * (1 + badness / 2);
}
