import { getServers } from "node:dns";
import { hostname } from "node:os";
import type { Dns } from "@postern/dns";
import { type Clock, systemClock } from "@postern/smtp-filter";
import { accountRemarks } from "../check/account-remarks.ts";
import { listRemarks } from "../check/list-remarks.ts";
import { type Machine, thisMachine } from "../check/machine.ts";
import { policyRemarks } from "../check/policy-remarks.ts";
import { describePolicy } from "../check/policy-table.ts";
import { type Remark, warning } from "../check/remark.ts";
import {
  readBehindResolved,
  resolverRemarks,
  type SystemResolvers,
  testResolver,
} from "../check/resolver-remarks.ts";
import { nameOf, siteRemarks } from "../check/site-remarks.ts";
import { untestedRules } from "../check/untested-rules.ts";
import { whatHappens } from "../check/what-happens.ts";
import { testZones, ZONE_TESTS_MS } from "../check/zone-tests.ts";
import { describeZones } from "../check/zones-table.ts";
import type { Config } from "../config/config-types.ts";
import { nameOfState } from "../configured-store.ts";
import { runExpectations } from "../try/expectations.ts";
import { openConfiguredDns } from "../wire-up.ts";

/** What `check` has to say, and whether the configuration may be used. */
export interface CheckReport {
  /** What needs doing. */
  readonly text: string;
  /** The same, with the whole policy, every hint and every example that fails (`--all`). */
  readonly all: string;
  /** `--json`: docs/commands.md. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly isGood: boolean;
}

/** What `check` looks at beside the configuration. */
export interface CheckSurroundings {
  /** Opens the DNS that zones are tested through; null: none is (`--no-dns`). */
  readonly openDns: ((config: Config) => Pick<Dns, "ask" | "probe" | "close">) | null;
  readonly clock: Pick<Clock, "after">;
  readonly hostname: string;
  readonly machine: Machine;
  readonly system: SystemResolvers;
}

/** `postern check`: runs the policy's examples, prints the effective policy, and warns about risky settings. */
export async function check(
  config: Config,
  given: Partial<CheckSurroundings> = {},
): Promise<CheckReport> {
  const surroundings = { ...realSurroundings(), ...given };
  const [{ failures, count }, untested, zones] = await Promise.all([
    runExpectations(config),
    untestedRules(config),
    askDns(config, surroundings),
  ]);
  const remarks: readonly Remark[] = [
    ...siteRemarks(config, surroundings.hostname),
    ...accountRemarks(config, surroundings.machine),
    ...policyRemarks(config),
    ...listRemarks(config),
    ...resolverRemarks(config, surroundings.system),
    ...zones,
    ...failures
      .filter(({ origin }) => origin === "own")
      .map(({ text }) => ({ level: "error" as const, text })),
    ...untested,
  ];
  const inherited = failures
    .filter(({ origin }) => origin === "inherited")
    .map(({ text }) => warning(text));
  const isGood = remarks.every(({ level }) => level !== "error");
  const { policy, file, listen, state } = config;
  const head = [
    whatHappens(policy),
    `configuration: ${file ?? "none found, the defaults"}`,
    `policy ${policy.name}, mode ${policy.mode}, refusals from ${policy.refuseAt} on`,
    `state: ${nameOfState(state)}`,
    "",
  ];
  const held = count - failures.length;
  const examples = `${held} of ${count} examples hold`;
  const urgent = [...remarks, ...summaryOf(inherited)].filter(({ level }) => level !== "hint");
  const short = [
    ...head,
    ...linesOf(urgent),
    `${examples}; ${urgent.length === 0 ? "nothing needs doing" : `${urgent.length} to look at`}`,
    "--all shows the whole policy and every hint",
  ];
  const everything = [...remarks, ...inherited];
  const all = [
    ...head,
    ...describePolicy(config),
    ...describeZones(config),
    "",
    ...linesOf(everything),
    examples,
  ];
  return {
    text: `${short.join("\n")}\n`,
    all: `${all.join("\n")}\n`,
    json: {
      isGood,
      file,
      policy: policy.name,
      mode: policy.mode,
      refuseAt: policy.refuseAt,
      listen: Object.entries(listen).flatMap(([protocol, listeners]) =>
        listeners.map((one) => ({ protocol, address: nameOf(one) })),
      ),
      state: nameOfState(state),
      remarks: inOrder(everything),
      examples: { count, held },
    },
    isGood,
  };
}

function linesOf(remarks: readonly Remark[]): readonly string[] {
  return inOrder(remarks).map(({ level, text }) => `${level}: ${text}`);
}

/** Who changes a weight means to change verdicts: one line for all of them. */
function summaryOf(inherited: readonly Remark[]): readonly Remark[] {
  const { length } = inherited;
  if (length === 0) return [];
  const what = length === 1 ? "1 inherited example comes" : `${length} inherited examples come`;
  return [warning(`${what} out differently by your policy; --all shows which`)];
}

function realSurroundings(): CheckSurroundings {
  return {
    openDns: openForTests,
    clock: systemClock,
    hostname: hostname(),
    machine: thisMachine,
    system: { servers: getServers(), behindResolved: readBehindResolved() },
  };
}

function openForTests(config: Config): Dns {
  const timeoutMs = Math.min(config.dns.timeoutMs, ZONE_TESTS_MS);
  return openConfiguredDns({ ...config, dns: { ...config.dns, timeoutMs } }, () => {}, systemClock);
}

async function askDns(
  config: Config,
  { openDns, clock, system }: CheckSurroundings,
): Promise<readonly Remark[]> {
  if (openDns === null) return [];
  const dns = openDns(config);
  try {
    const [resolver, zones] = await Promise.all([
      testResolver(config, system, dns, clock),
      testZones(config, dns, clock),
    ]);
    // That no zone answers either goes without saying.
    return resolver.isDead ? resolver.remarks : [...resolver.remarks, ...zones];
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
