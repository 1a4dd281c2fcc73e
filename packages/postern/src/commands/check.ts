import { formatPoints, type Policy, type RulePolicy, rules } from "@postern/filter-core";
import type { Config } from "../config/config-types.ts";
import { runExpectations } from "../try/expectations.ts";

/** What `check` has to say, and whether the configuration may be used. */
export interface CheckReport {
  readonly text: string;
  readonly isGood: boolean;
}

/** `postern check`: runs the policy's examples, prints the effective policy, and warns of what would hurt. */
export async function check(config: Config): Promise<CheckReport> {
  const { failures, count } = await runExpectations(config);
  const own = failures.filter(({ origin }) => origin === "own");
  const lines = [
    `configuration: ${config.file ?? "none found, the defaults"}`,
    `policy ${config.policy.name}, mode ${config.policy.mode}, refusals told from ${config.policy.refuseAt} on`,
    "",
    ...policyTable(config),
    "",
    ...warningsOf(config).map((warning) => `warning: ${warning}`),
    ...failures.map(({ origin, text }) => `${origin === "own" ? "error" : "warning"}: ${text}`),
    `${count - failures.length} of ${count} examples hold`,
  ];
  return { text: `${lines.join("\n")}\n`, isGood: own.length === 0 };
}

function policyTable({ policy, policySources }: Config): string[] {
  const rows = rules.flatMap((rule) => {
    const weight = policy.rules[rule.id];
    if (weight === undefined) return [];
    const facts = rule.check === undefined ? " (no facts yet)" : "";
    const source = policySources.get(rule.id) ?? policy.name;
    return [
      [
        rule.id + facts,
        weight.kind,
        groupOf(rule.group, policy),
        weightOf(weight),
        replyOf(weight),
        source,
      ],
    ];
  });
  return alignColumns([["rule", "kind", "group", "weight", "reply", "set in"], ...rows]);
}

function groupOf(group: string, { caps }: Policy): string {
  const cap = caps[group];
  return cap === undefined ? group : `${group} (${formatPoints(cap)})`;
}

function weightOf({ kind, debt, tiers }: RulePolicy): string {
  if (tiers !== undefined)
    return tiers
      .map((tier) => `<${tier.below}: ${"action" in tier ? tier.action : formatPoints(tier.debt)}`)
      .join(" ");
  return kind === "hard" ? "-" : formatPoints(debt);
}

function replyOf({ reply: { code, enhanced, text } }: RulePolicy): string {
  return enhanced === null ? `${code} ${text}` : `${code} ${enhanced} ${text}`;
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** What is legal and will hurt all the same. */
function warningsOf({ policy, submission, stateIsSet, lists, listen }: Config): string[] {
  const hasSubmission = submission.ports.length + submission.daemonNames.length > 0;
  const isEarly = policy.refuseAt !== "rcpt";
  const tells421 = Object.entries(policy.rules).filter(([, { reply }]) => reply.code === 421);
  return [
    ...(policy.refuseAt === "connect" && !hasSubmission
      ? [
          "refuseAt is connect and no submission port is declared: your own users are refused before they can log in",
        ]
      : []),
    ...(Object.keys(policy.rules).length === 0
      ? ["the policy has no rule at all: does its file lack `extends: postmaster-2026`?"]
      : []),
    ...(isEarly
      ? [
          `refuseAt is ${policy.refuseAt}: postmaster@ and abuse@ cannot be kept open (RFC 5321 section 4.5.1)`,
        ]
      : []),
    ...tells421.map(
      ([id]) =>
        `${id} answers 421, a temporary code, for a lasting fault: honest senders queue for days`,
    ),
    ...(stateIsSet ? ["state is set, but nothing uses it yet: there is no store"] : []),
    ...(lists.length > 0
      ? ["lists are set, but not asked yet: their facts come in a later version"]
      : []),
    ...(listen.exim.length > 0 ? ["listen.exim is set, but not served yet"] : []),
  ];
}
