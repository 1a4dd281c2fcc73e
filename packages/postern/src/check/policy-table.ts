import { formatPoints, type Policy, type RulePolicy, rules } from "@postern/filter-core";
import type { Config } from "../config/config-types.ts";
import { alignColumns } from "./columns.ts";

const WIDTH = 120;
const REPLY_COLUMN = 4;

/** The effective policy: what each rule weighs and says, what is forgiven, and where that was set. */
export function describePolicy(config: Config): readonly string[] {
  return [...rulesTable(config), ...creditsTable(config), "", ...settings(config.policy)];
}

function rulesTable({ policy, policySources }: Config): readonly string[] {
  const rows = rules.flatMap(({ id, group, check }) => {
    const weight = policy.rules[id];
    if (weight === undefined) return [];
    const name = check === undefined ? `${id} (no facts yet)` : id;
    const source = policySources.get(id) ?? policy.name;
    return [
      [
        name,
        weight.kind,
        groupOf(group, weight, policy),
        weightOf(weight),
        replyOf(weight),
        source,
      ],
    ];
  });
  const header = ["rule", "kind", "group (cap)", "debt", "reply", "set in"];
  return alignColumns([header, ...rows], { column: REPLY_COLUMN, width: WIDTH });
}

function creditsTable({ policy: { credits, name }, policySources }: Config): readonly string[] {
  const rows = Object.entries(credits)
    .filter(([, amount]) => amount > 0)
    .map(([source, amount]) => [source, formatPoints(amount), policySources.get(source) ?? name]);
  return rows.length === 0 ? [] : ["", ...alignColumns([["credit", "amount", "set in"], ...rows])];
}

/** What the tables do not show. */
function settings(policy: Policy): readonly string[] {
  const { thresholds, caps, deny, allow, recipients, allowCancels, slowFactorMs } = policy;
  const hasDebts = Object.values(policy.rules).some(({ kind }) => kind !== "hard");
  const { operator, credit } = caps;
  const cancelled = allowCancels === "rules" ? "every rule except deny" : "debts";
  const scoreRule = policy.rules["score.low"];
  return alignColumns([
    ...(hasDebts
      ? [["thresholds", `refused from ${thresholds.reject} on, junk from ${thresholds.junk} on`]]
      : [["thresholds", "none: every rule decides by itself"]]),
    ...(operator === undefined ? [] : [["one operator's lists", `count ${operator} at most`]]),
    ...(credit === undefined ? [] : [["all credit", `counts ${credit} at most`]]),
    ...(deny.length > 0 ? [["deny", count(deny.length)]] : []),
    ...(allow.length > 0 ? [["allow", `${count(allow.length)}: cancels ${cancelled}`]] : []),
    ...(recipients.length > 0
      ? [["recipients", `${count(recipients.length)} with a mode of their own`]]
      : []),
    ...(scoreRule?.tellAt === undefined
      ? []
      : [["scores", `refused at ${scoreRule.tellAt} (blockPhase)`]]),
    ...(slowFactorMs > 0
      ? [["slowFactor", `a client with score 0 waits ${slowFactorMs} ms for each reply`]]
      : []),
    ...(policy.scoreHeader ? [["scoreHeader", "accepted mail gets X-SenderScore"]] : []),
    ...(policy.replyId ? [["replyId", "refusals end in the decision id in brackets"]] : []),
  ]);
}

function groupOf(group: string, { cap: own }: RulePolicy, { caps }: Policy): string {
  const cap = caps[group];
  const shown = [
    ...(cap === undefined ? [] : [formatPoints(cap)]),
    ...(own === undefined ? [] : [`own ${formatPoints(own)}`]),
  ];
  return shown.length === 0 ? group : `${group} (${shown.join(", ")})`;
}

function weightOf({ kind, debt, tiers }: RulePolicy): string {
  if (tiers === undefined) return kind === "hard" ? "-" : formatPoints(debt);
  return tiers
    .map((tier) => `<${tier.below}: ${"action" in tier ? tier.action : formatPoints(tier.debt)}`)
    .join("\n");
}

function replyOf({ reply: { code, enhanced, text } }: RulePolicy): string {
  return enhanced === null ? `${code} ${text}` : `${code} ${enhanced} ${text}`;
}

function count(entries: number): string {
  return entries === 1 ? "1 entry" : `${entries} entries`;
}
