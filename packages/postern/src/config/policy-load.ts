import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Mode, Policy } from "@postern/filter-core";
import { ConfigError, type Problem } from "./config-error.ts";
import type { Expectation } from "./config-types.ts";
import { readSource } from "./issues.ts";
import { didYouMean } from "./nearest.ts";
import { type Layer, resolvePolicy } from "./policy-resolve.ts";
import { type PolicyDraft, policyDraft } from "./policy-schema.ts";
import { problemAt, type Source } from "./source.ts";
import { resolvePath } from "./values.ts";
import { readYaml } from "./yaml-source.ts";

/** A policy with everything it inherits in its place. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly policySources: ReadonlyMap<string, string>;
  readonly expectations: readonly Expectation[];
}

const FOLDER = new URL("../../policies/", import.meta.url);
const BUILT_IN = ["postmaster-2026", "poolp-2019"] as const;
const MAX_LAYERS = 8;

/**
 * Loads the policy that `postern.yaml` names or holds.
 *
 * @param named the value of its key `policy`; undefined: the default.
 * @param place the source of that key.
 * @throws {ConfigError} with every problem of every file that takes part.
 */
export function loadPolicy(
  named: string | PolicyDraft | undefined,
  place: Source,
  mode: Mode,
): LoadedPolicy {
  const layers: Layer[] = [];
  let next: { name: string; from: Source; path: readonly PropertyKey[] } | undefined;
  if (typeof named === "object") {
    layers.push({ draft: named, source: place, name: "inline", origin: "own" });
    next = { name: named.extends ?? BUILT_IN[0], from: place, path: ["extends"] };
  } else {
    next = { name: named ?? BUILT_IN[0], from: place, path: [] };
  }
  const seen = new Set<string>();
  while (next !== undefined) {
    const { name, from, path } = next;
    const file = fileOf(name, from, path);
    if (seen.has(file)) throw refuse(from, path, `"${name}" inherits from itself`);
    if (layers.length >= MAX_LAYERS)
      throw refuse(from, path, `more than ${MAX_LAYERS} policies inherit from each other`);
    seen.add(file);
    const layer = readLayer(file, name, from, path);
    layers.push(layer);
    const { extends: parent } = layer.draft;
    next =
      parent === undefined ? undefined : { name: parent, from: layer.source, path: ["extends"] };
  }
  return resolvePolicy(layers, mode);
}

function fileOf(name: string, from: Source, path: readonly PropertyKey[]): string {
  if ((BUILT_IN as readonly string[]).includes(name))
    return fileURLToPath(new URL(`${name}.yaml`, FOLDER));
  if (!/[./]/.test(name))
    throw refuse(
      from,
      path,
      `"${name}" is no policy${didYouMean(name, BUILT_IN)}: there are ${BUILT_IN.join(" and ")}, or the path of a file`,
    );
  return resolvePath(from.folder, name);
}

function readLayer(file: string, name: string, from: Source, path: readonly PropertyKey[]): Layer {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw refuse(
      from,
      path,
      `"${name}" cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
  const source = readYaml(bytes, file);
  const problems: Problem[] = [];
  const draft = readSource(policyDraft, source, problems);
  if (draft === undefined) throw new ConfigError(problems);
  const isBuiltIn = (BUILT_IN as readonly string[]).includes(name);
  return {
    draft,
    source,
    name: isBuiltIn ? name : basename(file),
    origin: isBuiltIn ? "inherited" : "own",
  };
}

function refuse(source: Source, path: readonly PropertyKey[], message: string): ConfigError {
  return new ConfigError([problemAt(source, path, message)]);
}
