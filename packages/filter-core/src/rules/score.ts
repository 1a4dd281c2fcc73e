import type { Rule } from "./rule.ts";

/** External reputation. The lowest score counts; a zone without a score for the address is ignored. */
const lowScore: Rule = {
  id: "score.low",
  group: "score",
  kind: "final",
  stage: "connect",
  summary: "An external reputation score of the client address is low.",
  voidedBy: ["allow"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["client", "scores"],
  check: ({ client, scores = [] }) => {
    const known = scores.flatMap(({ zone, result }) =>
      result.status === "found" ? [{ zone, score: result.value }] : [],
    );
    const [worst] = known.toSorted((a, b) => a.score - b.score);
    return (
      worst && {
        explanation: `${worst.zone} gives ${client.address} a score of ${worst.score} of 100`,
        measure: worst.score,
        zone: worst.zone,
      }
    );
  },
};

export const scoreRules: readonly Rule[] = [lowScore];
