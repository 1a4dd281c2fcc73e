import { join } from "node:path";
import type { Policy } from "@postern/filter-core";
import { WORK_LIMITS } from "@postern/filter-runtime";
import { type Domain, parseDomain } from "@postern/smtp-filter";
import type { Config, Listener, State } from "./config-types.ts";
import { LOOPBACK, toListener, toUnixListener } from "./listener.ts";
import type { ResolvedPolicy } from "./policy-resolve.ts";
import type { ConfigDraft } from "./schema.ts";
import { resolvePath } from "./values.ts";

/** What a configuration is made of beside its own keys. */
export interface Surroundings {
  readonly file: string | null;
  /** Where relative paths start. */
  readonly folder: string;
  readonly hostname: string;
  /** Where programs keep their state here; null: nowhere but in memory. */
  readonly stateFolder: string | null;
  readonly resolved: ResolvedPolicy;
}

/** The keys of a file with every default in its place. */
export function withDefaults(draft: ConfigDraft, surroundings: Surroundings): Config {
  const { file, folder, hostname, resolved } = surroundings;
  const { listen, dns, submission, limits } = draft;
  const connections = limits?.connections ?? 2000;
  const state = draft.state ?? defaultState(surroundings);
  return {
    file,
    listen: {
      milter: isSilent(listen)
        ? [DEFAULT_LISTENER]
        : (listen?.milter ?? []).map((one) => toListener(one, folder)),
      exim: (listen?.exim ?? []).map((one) => toListener(one, folder)),
      learn: (listen?.learn ?? []).map((one) => toUnixListener(one, folder)),
    },
    state: state.kind === "sqlite" ? { ...state, path: resolvePath(folder, state.path) } : state,
    dns: {
      servers: dns?.servers ?? null,
      timeoutMs: dns?.timeoutMs ?? 2000,
      probe: dns?.probe ?? ".",
    },
    site: {
      authservId: draft.authservId ?? hostname,
      localDomains: draft.localDomains ?? [],
    },
    policy: resolved.policy,
    policySources: resolved.sources,
    expectations: resolved.expectations,
    watchedFiles: resolved.watchedFiles,
    trusted: draft.trusted ?? LOOPBACK,
    forwarders: draft.forwarders ?? [],
    submission: {
      ports: submission?.ports ?? [],
      daemonNames: submission?.daemonNames ?? [],
    },
    scoreZones: (draft.scores ?? []).map(({ zone }) => zone),
    lists: draft.lists ?? [],
    user: draft.user ?? null,
    pidFile: draft.pidFile === undefined ? null : resolvePath(folder, draft.pidFile),
    log: { time: draft.log?.time ?? null },
    onFailure: draft.onFailure ?? "accept",
    onDnsDown: draft.onDnsDown ?? "accept",
    limits: {
      connections,
      pendingMiB: limits?.pendingMiB ?? pendingMiBFor(connections),
      messageDeadlineMs: limits?.messageDeadlineMs ?? 60_000,
      stateDeadlineMs: limits?.stateDeadlineMs ?? 50,
      sessionCpuMs: limits?.sessionCpuMs ?? WORK_LIMITS.sessionMs,
      networkCpuMs: limits?.networkCpuMs ?? WORK_LIMITS.networkMs,
    },
  };
}

/** The configuration that examples of policies are tried in: the same everywhere. */
export function testDefaults(draft: ConfigDraft, policy: Policy, hostname: string): Config {
  const scores = draft.scores ?? [{ zone: SCORE_ZONE }];
  return withDefaults(
    { ...draft, scores },
    {
      file: null,
      folder: "/",
      hostname,
      stateFolder: null,
      resolved: {
        policy: { ...policy, mode: draft.mode ?? policy.mode },
        sources: new Map(),
        expectations: [],
        watchedFiles: [],
      },
    },
  );
}

/** For each of them a body chunk (64 KiB) and a header; no more than half of what the unit lets the daemon have. */
function pendingMiBFor(connections: number): number {
  return Math.min(1024, Math.max(64, Math.ceil(connections / 8)));
}

/** Whether the file says nothing of listeners: who names any gets exactly those. */
function isSilent(listen: ConfigDraft["listen"]): boolean {
  return Object.values(listen ?? {}).every((listeners) => listeners === undefined);
}

function defaultState({ stateFolder }: Surroundings): State {
  return stateFolder === null
    ? { kind: "memory" }
    : { kind: "sqlite", path: join(stateFolder, "state.db"), isDefault: true };
}

const DEFAULT_LISTENER: Listener = {
  kind: "inet",
  host: "127.0.0.1",
  port: 8891,
  allowRemote: [],
};

const SCORE_ZONE = domain("score.senderscore.com");

function domain(text: string): Domain {
  const parsed = parseDomain(text);
  if (parsed === undefined) throw new RangeError(`Cannot use the zone ${text}`);
  return parsed;
}
