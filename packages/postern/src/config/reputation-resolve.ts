import { EVIDENCE_KINDS, type EvidenceKind, type Policy } from "@postern/filter-core";
import type { Layer } from "./policy-layers.ts";
import type { ReputationDraft } from "./reputation-schema.ts";

/** If no file sets it. */
const DEFAULT_HALF_LIFE_DAYS = 30;

/** Merges `reputation` of all layers, the innermost first; `off` discards what lower layers set. */
export function resolveReputation(layers: readonly Layer[]): Pick<Policy, "reputation"> {
  const words = layers.flatMap(({ draft: { reputation } }) =>
    reputation === undefined ? [] : [reputation],
  );
  const drafts = words
    .slice(words.lastIndexOf("off") + 1)
    .flatMap((word) => (word === "off" ? [] : [word]));
  if (drafts.length === 0) return {};
  const last = <Key extends keyof ReputationDraft>(key: Key): ReputationDraft[Key] =>
    drafts.findLast((draft) => draft[key] !== undefined)?.[key];
  return {
    reputation: {
      halfLifeDays: last("halfLifeDays") ?? DEFAULT_HALF_LIFE_DAYS,
      weights: byKind(drafts, "weights"),
      dailyCaps: byKind(drafts, "dailyCaps"),
      sharedPools: last("sharedPools") ?? [],
    },
  };
}

/** A kind of evidence that no file names has weight 0. */
function byKind(
  drafts: readonly ReputationDraft[],
  key: "weights" | "dailyCaps",
): Readonly<Record<EvidenceKind, number>> {
  const valueFor = (kind: EvidenceKind): number =>
    drafts.findLast((draft) => draft[key]?.[kind] !== undefined)?.[key]?.[kind] ?? 0;
  return Object.fromEntries(EVIDENCE_KINDS.map((kind) => [kind, valueFor(kind)])) as Record<
    EvidenceKind,
    number
  >;
}
