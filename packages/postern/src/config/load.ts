import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Domain, type Policy, parseDomain, parseIpAddress } from "@postern/filter-core";
import { ConfigError, type Problem } from "./config-error.ts";
import type { Config, Listener } from "./config-types.ts";
import { readSource } from "./issues.ts";
import { type ListenerDraft, LOOPBACK, toListener, whyNoSocketPath } from "./listener.ts";
import { type LoadedPolicy, loadPolicy } from "./policy-load.ts";
import { configDraft } from "./schema.ts";
import { partOf, plainSource, problemAt, type Source } from "./source.ts";
import { resolvePath } from "./values.ts";
import { readYaml } from "./yaml-source.ts";

/** What is read where the command line names no file. */
const USUAL_FILES = ["postern.yaml", "/etc/postern/postern.yaml"];

export interface LoadOptions {
  /** undefined: ./postern.yaml, then /etc/postern/postern.yaml, then the defaults. */
  readonly file?: string | undefined;
  readonly cwd: string;
  /** The default of authservId. */
  readonly hostname: string;
}

/**
 * Reads the configuration and its policy.
 *
 * @throws {ConfigError} with every problem found, each with its file, line and column.
 */
export function loadConfig({ file, cwd, hostname }: LoadOptions): Config {
  const path =
    file ?? USUAL_FILES.map((name) => resolve(cwd, name)).find((name) => existsSync(name));
  if (path === undefined) return resolveConfig(plainSource({}, "defaults", cwd), null, hostname);
  const absolute = resolve(cwd, path);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(absolute);
  } catch (error) {
    const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    throw new ConfigError([{ file: absolute, line: 0, column: 0, message }]);
  }
  return resolveConfig(readYaml(bytes, absolute), absolute, hostname);
}

/**
 * The fixed configuration over which examples of policies run, with the keys an example gives on top:
 * authservId mx.example.org, one score zone, loopback trusted, everything else as by default.
 *
 * @throws {ConfigError} if the keys are none of postern.yaml.
 */
export function testConfig(overlay: unknown, policy: Policy): Config {
  const keys = typeof overlay === "object" && overlay !== null ? overlay : {};
  const value = {
    authservId: "mx.example.org",
    scores: [{ zone: "score.senderscore.com" }],
    ...keys,
  };
  const source = plainSource(value, "the configuration of an example", "/");
  const loaded = { policy, policySources: new Map(), expectations: [] };
  return resolveConfig(source, null, "mx.example.org", loaded);
}

function resolveConfig(
  source: Source,
  file: string | null,
  hostname: string,
  loaded?: LoadedPolicy,
): Config {
  const problems: Problem[] = [];
  const draft = readSource(configDraft, source, problems);
  if (draft === undefined) throw new ConfigError(problems);
  const { listen, state, dns, submission, limits, mode = "enforce" } = draft;
  const listenersOf = (drafts: readonly ListenerDraft[], key: string): readonly Listener[] =>
    drafts.map((each) => checked(toListener(each, source.folder), source, key, problems));
  const milter =
    listen?.milter === undefined ? [DEFAULT_LISTENER] : listenersOf(listen.milter, "milter");
  const exim = listenersOf(listen?.exim ?? [], "exim");
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    file,
    listen: { milter, exim },
    state:
      state?.kind === "sqlite"
        ? { kind: "sqlite", path: resolvePath(source.folder, state.path) }
        : (state ?? { kind: "memory" }),
    stateIsSet: state !== undefined,
    dns: {
      servers: dns?.servers ?? null,
      timeoutMs: dns?.timeoutMs ?? 2000,
      probe: dns?.probe ?? ".",
    },
    site: {
      authservId: draft.authservId ?? (parseDomain(hostname) as Domain | undefined) ?? "localhost",
      localDomains: draft.localDomains ?? [],
    },
    ...(loaded ?? loadPolicy(draft.policy, partOf(source, ["policy"]), mode)),
    trusted: draft.trusted ?? LOOPBACK,
    forwarders: draft.forwarders ?? [],
    submission: { ports: submission?.ports ?? [], daemonNames: submission?.daemonNames ?? [] },
    scoreZones: (draft.scores ?? []).map(({ zone }) => zone),
    lists: draft.lists ?? [],
    user: draft.user ?? null,
    onFailure: draft.onFailure ?? "accept",
    onDnsDown: draft.onDnsDown ?? "accept",
    limits: {
      connections: limits?.connections ?? 2000,
      messageDeadlineMs: limits?.messageDeadlineMs ?? 60_000,
    },
  };
}

const DEFAULT_LISTENER: Listener = {
  kind: "inet",
  host: parseIpAddress("127.0.0.1") ?? "127.0.0.1",
  port: 8891,
  allowRemote: [],
};

function checked(listener: Listener, source: Source, key: string, problems: Problem[]): Listener {
  const wrong = listener.kind === "unix" ? whyNoSocketPath(listener.path) : undefined;
  if (wrong !== undefined) problems.push(problemAt(source, ["listen", key], wrong));
  return listener;
}
