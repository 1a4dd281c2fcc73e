import type { EvidenceKind } from "../policy/evidence-kinds.ts";
import type { Policy } from "../policy/policy.ts";
import type { RulePapers } from "../rules/rule.ts";
import type { Judgement } from "./judge.ts";
import type { MessageOutcome } from "./message-outcome.ts";

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
  { action, would, decision }: MessageOutcome,
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
function ownDebt({ debt, observations }: Judgement): number {
  const ofName = observations
    .filter(({ papers }) => papers.evidence === "our-record")
    .reduce((sum, one) => sum + one.debt, 0);
  return debt - ofName;
}
