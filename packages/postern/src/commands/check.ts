import { getServers } from "node:dns";
import { hostname } from "node:os";
import { type Clock, type Dns, systemClock } from "@postern/filter-runtime";
import { listRemarks } from "../check/list-remarks.ts";
import { policyRemarks } from "../check/policy-remarks.ts";
import { describePolicy } from "../check/policy-table.ts";
import type { Remark } from "../check/remark.ts";
import { siteRemarks } from "../check/site-remarks.ts";
import { untestedRules } from "../check/untested-rules.ts";
import { testZones, ZONE_TESTS_MS } from "../check/zone-tests.ts";
import { describeZones } from "../check/zones-table.ts";
import type { Config } from "../config/config-types.ts";
import { runExpectations } from "../try/expectations.ts";
import { openConfiguredDns } from "../wire-up.ts";

/** What `check` has to say, and whether the configuration may be used. */
export interface CheckReport {
  readonly text: string;
  readonly isGood: boolean;
}

/** What `check` looks at beside the configuration. */
export interface CheckSurroundings {
  /** Opens the DNS that zones are tested through; null: none is (`--no-dns`). */
  readonly openDns: ((config: Config) => Pick<Dns, "ask" | "close">) | null;
  readonly clock: Pick<Clock, "after">;
  readonly hostname: string;
  /** The resolvers of the system. */
  readonly systemServers: readonly string[];
}

/** `postern check`: runs the policy's examples, prints the effective policy, and warns of what would hurt. */
export async function check(
  config: Config,
  given: Partial<CheckSurroundings> = {},
): Promise<CheckReport> {
  const surroundings = { ...thisMachine(), ...given };
  const [{ failures, count }, untested, zones] = await Promise.all([
    runExpectations(config),
    untestedRules(config),
    askZones(config, surroundings),
  ]);
  const remarks: readonly Remark[] = [
    ...siteRemarks(config, surroundings.hostname),
    ...policyRemarks(config),
    ...listRemarks(config, surroundings.systemServers),
    ...zones,
    ...failures.map(({ origin, text }) => ({
      level: origin === "own" ? ("error" as const) : ("warning" as const),
      text,
    })),
    ...untested,
  ];
  const { policy, file } = config;
  const lines = [
    `configuration: ${file ?? "none found, the defaults"}`,
    `policy ${policy.name}, mode ${policy.mode}, refusals told from ${policy.refuseAt} on`,
    "",
    ...describePolicy(config),
    ...describeZones(config),
    "",
    ...inOrder(remarks).map(({ level, text }) => `${level}: ${text}`),
    `${count - failures.length} of ${count} examples hold`,
  ];
  return {
    text: `${lines.join("\n")}\n`,
    isGood: remarks.every(({ level }) => level !== "error"),
  };
}

function thisMachine(): CheckSurroundings {
  return {
    openDns: openForTests,
    clock: systemClock,
    hostname: hostname(),
    systemServers: getServers(),
  };
}

function openForTests(config: Config): Dns {
  const timeoutMs = Math.min(config.dns.timeoutMs, ZONE_TESTS_MS);
  return openConfiguredDns({ ...config, dns: { ...config.dns, timeoutMs } }, () => {}, systemClock);
}

async function askZones(
  config: Config,
  { openDns, clock }: CheckSurroundings,
): Promise<readonly Remark[]> {
  if (openDns === null || config.lists.length + config.scoreZones.length === 0) return [];
  const dns = openDns(config);
  try {
    return await testZones(config, dns, clock);
  } finally {
    dns.close();
  }
}

/** Errors first: they are what must be done. */
function inOrder(remarks: readonly Remark[]): readonly Remark[] {
  return (["error", "warning", "hint"] as const).flatMap((wanted) =>
    remarks.filter(({ level }) => level === wanted),
  );
}
