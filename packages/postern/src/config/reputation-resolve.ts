import {
  EVIDENCE_KINDS,
  type EvidenceKind,
  type Policy,
  type SharedPool,
} from "@postern/filter-core";
import type { Layer } from "./policy-layers.ts";
import type { ReputationDraft } from "./reputation-schema.ts";

/** If no file sets it. */
const DEFAULT_HALF_LIFE_DAYS = 30;

/**
 * Merges `reputation` of all layers, the innermost first; `off` discards what lower layers set.
 *
 * @param sharedPools the large providers.
 */
export function resolveReputation(
  layers: readonly Layer[],
  sharedPools: readonly SharedPool[],
): Pick<Policy, "reputation"> {
  const drafts = draftsOf(layers);
  if (drafts.length === 0) return {};
  return {
    reputation: {
      halfLifeDays:
        drafts.findLast(({ halfLifeDays }) => halfLifeDays !== undefined)?.halfLifeDays ??
        DEFAULT_HALF_LIFE_DAYS,
      weights: byKind(drafts, "weights"),
      dailyCaps: byKind(drafts, "dailyCaps"),
      sharedPools,
    },
  };
}

/** The list that a file puts in the place of the known shared pools. */
export function replacedPools(layers: readonly Layer[]): readonly SharedPool[] | undefined {
  return draftsOf(layers).findLast(({ sharedPools }) => sharedPools !== undefined)?.sharedPools;
}

function draftsOf(layers: readonly Layer[]): readonly ReputationDraft[] {
  const words = layers.flatMap(({ draft: { reputation } }) =>
    reputation === undefined ? [] : [reputation],
  );
  return words
    .slice(words.lastIndexOf("off") + 1)
    .flatMap((word) => (word === "off" ? [] : [word]));
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
