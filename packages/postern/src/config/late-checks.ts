import type { Problem } from "./config-error.ts";
import type { Config } from "./config-types.ts";
import { readSource } from "./issues.ts";
import { whyNoSocketPath } from "./listener.ts";
import type { Layer } from "./policy-layers.ts";
import { configDraft } from "./schema.ts";
import { partOf, problemAt, type Source, valueAt } from "./source.ts";

/** Checks the `config` of each example here, while the line of a mistake is still known. */
export function checkExamples(layers: readonly Layer[], problems: Problem[]): void {
  for (const { draft, source } of layers) {
    for (const [index, { config }] of (draft.expect ?? []).entries()) {
      if (config === undefined) continue;
      const path = ["expect", index, "config"];
      const overlay = readSource(configDraft, partOf(source, path), problems);
      if (overlay !== undefined && hasPolicy(config))
        problems.push(
          problemAt(
            source,
            [...path, "policy"],
            "remove this key: an example is run with the policy it belongs to",
            "key",
          ),
        );
    }
  }
}

function hasPolicy(config: unknown): boolean {
  return valueAt(config, ["policy"]) !== undefined;
}

/** Checks that need resolved paths. */
export function checkPaths({ listen }: Config, source: Source, problems: Problem[]): void {
  for (const key of ["milter", "exim", "learn"] as const) {
    for (const listener of listen[key]) {
      const message = listener.kind === "unix" ? whyNoSocketPath(listener.path) : undefined;
      if (message !== undefined) problems.push(problemAt(source, ["listen", key], message));
    }
  }
}
