import { basename } from "node:path";
import {
  type ReplyTemplate,
  type Rule,
  type RuleKind,
  rules,
  type Tier,
} from "@postern/filter-core";
import type { Problem } from "./config-error.ts";
import type { Layer } from "./policy-layers.ts";
import type { PolicyDraft } from "./policy-schema.ts";
import type { RuleDraft } from "./rule-schema.ts";
import { type Path, problemAt, type Source } from "./source.ts";

/** One rule, merged from all layers. */
export interface MergedRule {
  readonly kind: RuleKind;
  readonly debt: number | undefined;
  readonly cap: number | undefined;
  readonly tiers: readonly Tier[] | undefined;
  readonly reply: ReplyTemplate | undefined;
  /** The layer that set it last: messages name this place. */
  readonly last: { readonly source: Source; readonly path: Path };
  /** Where its weight was last set. */
  readonly weightFrom: string;
}

/** The only rule that measures a number, and so the only one with tiers. */
export const MEASURING = "score.low";

/** Merges the rules of all layers, the innermost first, field by field. */
export function mergeRules(
  layers: readonly Layer[],
  problems: Problem[],
): ReadonlyMap<string, MergedRule> {
  const merged = new Map<string, MergedRule>();
  const shorthand: Shorthand = {};
  for (const layer of layers) {
    mergeShorthand(layer, shorthand, merged, problems);
    for (const info of rules) {
      const own = ownWord(layer, info.id, problems);
      if (own !== undefined)
        merged.set(info.id, merge(merged.get(info.id), own.draft, info, layer, own.path));
    }
  }
  return merged;
}

function ownWord(
  { draft, source }: Layer,
  id: string,
  problems: Problem[],
): { readonly draft: RuleDraft; readonly path: Path } | undefined {
  const rule = draft.rules?.[id];
  const weight = draft.weights?.[id];
  if (weight === undefined) return rule && { draft: rule, path: ["rules", id] };
  if (rule?.debt !== undefined || (rule?.tiers !== undefined && weight > 0)) {
    const message = `rules.${id} already has ${rule.debt === undefined ? "tiers" : "a debt"}: remove one of the two`;
    problems.push(problemAt(source, ["weights", id], message, "key"));
  }
  return { draft: { ...rule, debt: weight }, path: ["weights", id] };
}

function merge(
  before: MergedRule | undefined,
  own: RuleDraft,
  info: Rule,
  layer: Layer,
  path: Path,
): MergedRule {
  // Making a rule hard, or giving it tiers, drops its inherited debt; a hard rule drops its cap as well.
  const isAfresh = own.kind === "hard" || own.tiers !== undefined;
  const setsWeight = [own.kind, own.debt, own.cap, own.tiers].some((word) => word !== undefined);
  return {
    kind: own.kind ?? before?.kind ?? info.kind,
    debt: own.debt ?? (isAfresh ? undefined : before?.debt),
    cap: own.cap ?? (own.kind === "hard" ? undefined : before?.cap),
    tiers: own.tiers ?? before?.tiers,
    reply: own.reply ?? before?.reply,
    last: { source: layer.source, path },
    weightFrom: setsWeight || before === undefined ? placeOf(layer, path) : before.weightFrom,
  };
}

interface Shorthand {
  block?: number;
  junk?: number;
}

/** blockBelow and junkBelow replace the tiers of score.low, unless an outer layer sets tiers again. */
function mergeShorthand(
  layer: Layer,
  shorthand: Shorthand,
  merged: Map<string, MergedRule>,
  problems: Problem[],
): void {
  const { draft, source } = layer;
  const key = shorthandKey(draft);
  const hasTiers = draft.rules?.[MEASURING]?.tiers !== undefined;
  if (hasTiers) {
    delete shorthand.block;
    delete shorthand.junk;
  }
  if (key === undefined) return;
  if (hasTiers) {
    const message = `rules.${MEASURING} already has tiers: remove them, or blockBelow and junkBelow, which are short for tiers`;
    problems.push(problemAt(source, [key], message, "key"));
    return;
  }
  if (draft.blockBelow !== undefined) shorthand.block = draft.blockBelow;
  if (draft.junkBelow !== undefined) shorthand.junk = draft.junkBelow;
  const before = merged.get(MEASURING);
  const { block = 0, junk = 0 } = shorthand;
  merged.set(MEASURING, {
    kind: before?.kind ?? "hard",
    debt: block === 0 && junk === 0 ? 0 : undefined,
    cap: before?.cap,
    tiers: [
      ...(block > 0 ? [{ below: block, action: "reject" } as const] : []),
      ...(junk > block ? [{ below: junk, action: "junk" } as const] : []),
    ],
    reply: before?.reply,
    last: { source, path: [key] },
    weightFrom: placeOf(layer, [key]),
  });
}

function shorthandKey(draft: PolicyDraft): "blockBelow" | "junkBelow" | undefined {
  if (draft.blockBelow !== undefined) return "blockBelow";
  return draft.junkBelow === undefined ? undefined : "junkBelow";
}

/** `postmaster-2026`, or `postern.yaml:12`. */
function placeOf({ isBuiltIn, name, source }: Layer, path: Path): string {
  if (isBuiltIn) return name;
  const { line } = source.locate(path, "key");
  return line === 0 ? basename(source.file) : `${basename(source.file)}:${line}`;
}
