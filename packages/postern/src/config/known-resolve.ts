import type { KnownNames, SharedPool } from "@postern/filter-core";
import type { Problem } from "./config-error.ts";
import type { KnownDraft, KnownList, KnownWord } from "./known-schema.ts";
import type { Layer } from "./policy-layers.ts";
import { describeValue, problemAt } from "./source.ts";

/**
 * Merges `known` of all layers, the innermost first: each adds to what it inherits, or takes out.
 *
 * @param pools the shared pools that `reputation.sharedPools` puts in the place of the known ones.
 */
export function resolveKnown(
  layers: readonly Layer[],
  pools: readonly SharedPool[] | undefined,
  problems: Problem[],
): KnownNames {
  const merge = <Name extends keyof KnownNames>(name: Name): KnownNames[Name] =>
    mergeList(name, layers, problems) as unknown as KnownNames[Name];
  return {
    freeTenants: merge("freeTenants"),
    freeMail: merge("freeMail"),
    providerSigners: merge("providerSigners"),
    staticNames: merge("staticNames"),
    lineNames: merge("lineNames"),
    sharedPools: pools ?? merge("sharedPools"),
  };
}

function mergeList(
  name: keyof KnownDraft,
  layers: readonly Layer[],
  problems: Problem[],
): readonly unknown[] {
  const names = new Map<string, unknown>();
  for (const { draft, source } of layers) {
    const words: readonly KnownWord<unknown>[] =
      (draft.known?.[name] as KnownList<unknown> | undefined)?.words ?? [];
    for (const [index, { text, value }] of words.entries()) {
      if (value !== null) names.set(text, value);
      else if (!names.delete(text))
        problems.push(
          problemAt(
            source,
            ["known", name, index],
            describeValue(`!${text}`, `takes out a name that is not in the inherited ${name}`),
          ),
        );
    }
  }
  return [...names.values()];
}
