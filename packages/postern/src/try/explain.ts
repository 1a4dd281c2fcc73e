import { formatPoints, type Observation } from "@postern/filter-core";
import { quoteBytes } from "@postern/smtp-filter";
import type { Config } from "../config/config-types.ts";
import { lookedUp } from "./explain-lookups.ts";
import type { TryResult } from "./run-case.ts";
import { whatWouldChange } from "./what-would-change.ts";

/** A result in words for people: what it rests on, what was looked up, what was seen, the sums, and what the client is told. */
export function explain(
  result: TryResult,
  config: Config,
  restsOn: readonly string[] = [],
): string {
  const { facts, judgement } = result;
  const sections = [
    section("Rests on", restsOn),
    section("Looked up", lookedUp(facts)),
    section(`Seen, by the policy ${config.policy.name}`, observed(result)),
    section("Sums", [
      `debt ${formatPoints(judgement.debt)}${raised(result)} - credit ${formatPoints(judgement.credit)} = ` +
        `${formatPoints(judgement.balance)}${unpaid(result)}; ` +
        `${formatPoints(config.policy.thresholds.junk)} makes junk, ` +
        `${formatPoints(config.policy.thresholds.reject)} refuses`,
    ]),
    section("Verdict", concluded(result)),
    section("Headers, if delivered", headers(result)),
    section("What would have changed it", whatWouldChange(result, config.policy)),
  ];
  return `${sections.filter((text) => text !== "").join("\n")}`;
}

function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return `${title}\n${lines.map((line) => `  ${line.replaceAll("\n", "\n   ")}\n`).join("")}`;
}

/** How much of the debt is owed to a bad name. */
function raised({ judgement: { badness } }: TryResult): string {
  return badness === 0 ? "" : ` (with ${Math.round(badness * 50)} % for a bad reputation)`;
}

/** Why the balance is more than debt less credit. */
function unpaid({ judgement: { observations, debt, credit, balance } }: TryResult): string {
  if (balance <= debt - credit) return "";
  const rules = observations.filter(({ paidBy, debt: owed }) => paidBy === "nobody" && owed > 0);
  return ` (credit does not offset ${rules.map(({ rule }) => rule).join(", ")})`;
}

function observed({ facts, judgement: { observations } }: TryResult): string[] {
  if (facts.standing !== "outside")
    return [`nothing: no rule runs for a client that is ${facts.standing}`];
  if (observations.length === 0) return ["nothing against this client"];
  return observations.map((seen) => `${weight(seen)}  ${seen.rule}: ${seen.explanation}`);
}

function weight({ decides, debt }: Observation): string {
  switch (decides) {
    case "refuse":
      return "refuses";
    case "junk":
      return "   junk";
    default:
      return formatPoints(debt).padStart(7);
  }
}

function concluded({ verdict, recipients }: TryResult): string[] {
  const { action, rule, decidedAt, toldAt, reply, would } = verdict;
  const told =
    toldAt === null
      ? `${action}: the client is told 250`
      : `${action} by ${rule}, decided at ${decidedAt}, told at ${toldAt}: ${reply}`;
  return [
    told,
    ...(would === null || would === action ? [] : [`in enforce mode it would be: ${would}`]),
    ...(recipients.length < 2
      ? []
      : recipients.map((to) => `${quoteBytes(to.address)}: ${to.action} ${to.reply ?? ""}`.trim())),
  ];
}

function headers({ headers: { add, remove } }: TryResult): string[] {
  return [
    ...add.map(({ name, value }) => `${name}: ${value}`),
    ...remove.map(({ name, ordinal }) => `(removed: ${name} number ${ordinal}, forged)`),
  ];
}
