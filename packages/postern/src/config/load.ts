import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Mode, Policy } from "@postern/filter-core";
import { ConfigError, type Problem } from "./config-error.ts";
import type { Config } from "./config-types.ts";
import { readSource } from "./issues.ts";
import { checkExamples, checkPaths } from "./late-checks.ts";
import { LOCAL_FILE, type LocalFile } from "./local-file.ts";
import { loadInline, loadLayers } from "./policy-layers.ts";
import { resolvePolicy } from "./policy-resolve.ts";
import { codeOf, readRegularFile, shownPath, whyUnreadable } from "./read-file.ts";
import { type ConfigDraft, configDraft, DEFAULT_POLICY } from "./schema.ts";
import { settle } from "./settle.ts";
import { partOf, plainSource, problemAt, type Source } from "./source.ts";
import { MAX_BYTES, readYaml } from "./yaml-source.ts";

/** Where the configuration of this machine stands. */
export const SYSTEM_FILE = "/etc/postern/postern.yaml";
const TEST_HOST = "mx.example.org";
/** What examples are tried with, under the keys of their own. */
const TEST_KEYS = { scores: [{ zone: "score.senderscore.com" }] };

/**
 * Loads `postern.yaml` and the policy it names.
 *
 * @param options.file `-`: stdin; undefined: ./postern.yaml (see `localFile`), else `systemFile`, else the
 * defaults.
 * @throws {ConfigError} with every mistake in the files, each with its place.
 */
export async function loadConfig(options: {
  readonly file?: string | undefined;
  /** What `file: "-"` stands for. */
  readonly stdin?: Uint8Array | undefined;
  readonly cwd: string;
  /** Read where neither `file` nor ./postern.yaml is; null: no such place, so that a test reads no machine's own. */
  readonly systemFile: string | null;
  /** Default `read`. */
  readonly localFile?: LocalFile | undefined;
  readonly hostname: string;
  /** Where state is kept by default; null or absent: in memory. */
  readonly stateFolder?: string | null;
  /** How a daemon that nobody has configured begins; default `enforce`. */
  readonly modeWithoutFile?: Mode;
  /** Lets others work between two steps of reading a long list; default: what node has to do next. */
  readonly breathe?: () => Promise<void>;
}): Promise<Config> {
  const { cwd, hostname, stateFolder = null, modeWithoutFile = "enforce" } = options;
  const { breathe = setImmediate } = options;
  const { path, source } = await findSource(options, cwd);
  const problems: Problem[] = [];
  // What cannot be read is refused below; until then the defaults stand in, so that the policy's mistakes are told, too.
  const draft = readSource(configDraft, source, problems) ?? configDraft.parse({});
  const layers = await policyLayers(draft, source, cwd, problems);
  const { folder } = source;
  const ifNoMode = path === null ? modeWithoutFile : "enforce";
  const around = { folder, hostname, stateFolder, mode: ifNoMode };
  const mode = draft.mode(around);
  const resolved = await resolvePolicy(layers, mode, { cwd, problems, breathe });
  checkExamples(layers, problems);
  const config = settle(draft, around, path, resolved);
  checkPaths(config, source, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/**
 * The configuration that an example of a policy runs in: the keys of `overlay` over fixed defaults, never the
 * administrator's own configuration.
 *
 * @throws {ConfigError} if the overlay has keys or values that `postern.yaml` may not have.
 */
export function testConfig(overlay: unknown, policy: Policy, hostname: string = TEST_HOST): Config {
  const problems: Problem[] = [];
  const keys = isMap(overlay) ? { ...TEST_KEYS, ...overlay } : (overlay ?? TEST_KEYS);
  const draft = readSource(configDraft, plainSource(keys, "config", "/"), problems);
  if (draft === undefined) throw new ConfigError(problems);
  const around = { folder: "/", hostname, stateFolder: null, mode: policy.mode };
  return settle(draft, around, null, {
    policy: { ...policy, mode: draft.mode(around) },
    sources: new Map(),
    expectations: [],
    watchedFiles: [],
  });
}

function isMap(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function policyLayers(
  draft: ConfigDraft,
  source: Source,
  cwd: string,
  problems: Problem[],
): ReturnType<typeof loadLayers> {
  const { policy } = draft;
  if (typeof policy === "string")
    return loadLayers({ word: policy, source, path: ["policy"] }, cwd, problems);
  if (policy.extends === undefined)
    problems.push(
      problemAt(
        source,
        ["policy"],
        `extends is missing: name the policy to start from, such as extends: ${DEFAULT_POLICY}`,
      ),
    );
  return loadInline(policy, partOf(source, ["policy"]), cwd, problems);
}

async function findSource(
  {
    file,
    stdin,
    systemFile,
    localFile = "read",
  }: Pick<Parameters<typeof loadConfig>[0], "file" | "stdin" | "systemFile" | "localFile">,
  cwd: string,
): Promise<{ path: string | null; source: Source }> {
  if (file === "-" && stdin !== undefined)
    return { path: "stdin", source: readYaml(stdin, "stdin", resolve(cwd, "stdin")) };
  const local = localFile === "read" ? [LOCAL_FILE] : [];
  const system = systemFile === null ? [] : [systemFile];
  const candidates = file !== undefined ? [file] : [...local, ...system];
  for (const candidate of candidates) {
    const path = resolve(cwd, candidate);
    const shown = shownPath(path, cwd);
    try {
      return { path, source: readYaml(await readRegularFile(path, MAX_BYTES), shown, path) };
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      if (file === undefined && codeOf(error) === "ENOENT") continue;
      throw new ConfigError([{ file: shown, line: 0, column: 0, message: whyUnreadable(error) }]);
    }
  }
  return { path: null, source: plainSource({}, "the defaults", cwd) };
}
