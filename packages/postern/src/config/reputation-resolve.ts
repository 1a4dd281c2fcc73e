import {
  EVIDENCE_KINDS,
  type EvidenceKind,
  IDENTITY_KINDS,
  type IdentityKind,
  type Policy,
  type SharedPool,
} from "@postern/filter-core";
import type { Layer } from "./policy-layers.ts";
import { DEFAULT_HALF_LIVES, type ReputationDraft } from "./reputation-schema.ts";

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
        DEFAULT_HALF_LIVES.evidence,
      weights: byKind(drafts, "weights"),
      dailyCaps: byKind(drafts, "dailyCaps"),
      sharedPools,
      ...resolveComplaints(drafts),
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

/** As for `reputation`; an identity that no file names costs nothing. */
function resolveComplaints(
  drafts: readonly ReputationDraft[],
): Pick<NonNullable<Policy["reputation"]>, "complaints"> {
  const words = drafts.flatMap(({ complaints }) => (complaints === undefined ? [] : [complaints]));
  const set = words
    .slice(words.lastIndexOf("off") + 1)
    .flatMap((word) => (word === "off" ? [] : [word]));
  if (set.length === 0) return {};
  const debtOf = (kind: IdentityKind): number =>
    set.findLast(({ debts }) => debts?.[kind] !== undefined)?.debts?.[kind] ?? 0;
  return {
    complaints: {
      halfLifeDays:
        set.findLast(({ halfLifeDays }) => halfLifeDays !== undefined)?.halfLifeDays ??
        DEFAULT_HALF_LIVES.complaints,
      debts: Object.fromEntries(IDENTITY_KINDS.map((kind) => [kind, debtOf(kind)])) as Record<
        IdentityKind,
        number
      >,
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
