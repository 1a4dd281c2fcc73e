import { realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Problem } from "./config-error.ts";
import { readSource } from "./issues.ts";
import { didYouMean } from "./nearest.ts";
import { type PolicyDraft, policyDraft } from "./policy-schema.ts";
import { readRegularFile, shownPath, whyUnreadable } from "./read-file.ts";
import { describeValue, type Path, problemAt, type Source } from "./source.ts";
import { resolvePath } from "./values.ts";
import { MAX_BYTES, readYaml } from "./yaml-source.ts";

/** The policies that come with the program. */
const BUILT_IN = ["postmaster-2026", "poolp-2019"] as const;
/** What they extend, and nobody names. */
const PARTS = ["known-names"] as const;

/** From src/config and dist/config alike. */
const FOLDER = fileURLToPath(new URL("../../policies/", import.meta.url));
const MAX_DEPTH = 8;

/** One file, or part of a file, that sets keys of the policy. */
export interface Layer {
  readonly draft: PolicyDraft;
  readonly source: Source;
  readonly name: string;
  readonly isBuiltIn: boolean;
  /** Whether it is the one the configuration names. */
  readonly isTop: boolean;
}

/** A reference to a policy, and where it is written. */
export interface Mention {
  readonly word: string;
  readonly source: Source;
  readonly path: Path;
}

/** The policy that is named and all that it inherits from, the innermost first. */
export async function loadLayers(
  mention: Mention,
  cwd: string,
  problems: Problem[],
): Promise<readonly Layer[]> {
  return await load(mention, cwd, problems, [], "top");
}

/** The layers below a policy that is written in the configuration itself. */
export async function loadInline(
  draft: PolicyDraft,
  source: Source,
  cwd: string,
  problems: Problem[],
): Promise<readonly Layer[]> {
  const below = await loadBase(draft, source, cwd, problems, []);
  const base = below.at(-1)?.name ?? "policy";
  const name = `${base} with ${basename(source.file)}`;
  return [...below, { draft, source, name, isBuiltIn: false, isTop: true }];
}

/** The file that the name or path of a policy refers to. */
function fileOf({ word, source }: Mention): { path: string; isBuiltIn: boolean } | undefined {
  if (([...BUILT_IN, ...PARTS] as readonly string[]).includes(word))
    return { path: join(FOLDER, `${word}.yaml`), isBuiltIn: true };
  const isPath = /[/\\]|\.ya?ml$/.test(word) && !word.includes("\0");
  return isPath ? { path: resolvePath(source.folder, word), isBuiltIn: false } : undefined;
}

async function load(
  mention: Mention,
  cwd: string,
  problems: Problem[],
  seen: readonly string[],
  place: "top" | "below",
): Promise<readonly Layer[]> {
  const { word, source: from, path: at } = mention;
  const refuse = (message: string): readonly Layer[] => {
    problems.push(problemAt(from, at, describeValue(word, message)));
    return [];
  };
  const file = fileOf(mention);
  if (file === undefined) {
    const hint = didYouMean(word, BUILT_IN);
    return refuse(`is not a policy${hint}: name ${BUILT_IN.join(", ")} or a file ending in .yaml`);
  }
  let bytes: Uint8Array;
  let real: string;
  try {
    real = await realpath(file.path);
    bytes = await readRegularFile(real, MAX_BYTES);
  } catch (error) {
    return refuse(whyUnreadable(error));
  }
  if (seen.includes(real)) return refuse("extends itself: remove one extends from the circle");
  if (seen.length >= MAX_DEPTH)
    return refuse(`is too deep: policies may inherit through at most ${MAX_DEPTH} files`);
  const source = readYaml(bytes, shownPath(file.path, cwd), file.path);
  const draft = readSource(policyDraft, source, problems);
  if (draft === undefined) return [];
  const { isBuiltIn } = file;
  const name = isBuiltIn ? word : basename(file.path).replace(/\.ya?ml$/, "");
  const layer = { draft, source, name, isBuiltIn, isTop: place === "top" };
  return [...(await loadBase(draft, source, cwd, problems, [...seen, real])), layer];
}

async function loadBase(
  draft: PolicyDraft,
  source: Source,
  cwd: string,
  problems: Problem[],
  seen: readonly string[],
): Promise<readonly Layer[]> {
  if (draft.extends === undefined) return [];
  const mention = { word: draft.extends, source, path: ["extends"] };
  return await load(mention, cwd, problems, seen, "below");
}
