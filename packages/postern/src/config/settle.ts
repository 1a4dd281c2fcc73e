import type { Config } from "./config-types.ts";
import type { ResolvedPolicy } from "./policy-resolve.ts";
import type { ConfigDraft, Settled } from "./schema.ts";
import type { Surroundings } from "./surroundings.ts";

/** The configuration, once its surroundings and its policy are known. */
export function settle(
  draft: ConfigDraft,
  around: Surroundings,
  file: string | null,
  { policy, sources, expectations, watchedFiles }: ResolvedPolicy,
): Config {
  const values = Object.entries(draft).map(([key, value]) => [
    key,
    typeof value === "function" ? value(around) : value,
  ]);
  const { mode: _, policy: __, ...keys } = Object.fromEntries(values) as Settled;
  return { ...keys, file, policy, policySources: sources, expectations, watchedFiles };
}
