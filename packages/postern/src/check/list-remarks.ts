import type { Policy } from "@postern/filter-core";
import type { Config } from "../config/config-types.ts";
import type { List } from "../config/list-schema.ts";
import { didYouMean } from "../config/nearest.ts";
import { type Remark, warning } from "./remark.ts";

/** What keeps a list from counting. */
export function listRemarks({ lists, policy }: Config): readonly Remark[] {
  return lists.flatMap((list, index) => listRemarksOf(list, index, policy));
}

function listRemarksOf(list: List, index: number, policy: Policy): readonly Remark[] {
  const name = `lists[${index}] (${list.zone})`;
  const known = knownLabels(policy);
  const withHint = (label: string): string => `${label}${didYouMean(label, known)}`;
  const unknown = [...new Set(Object.values(list.codes))].filter((label) => !known.includes(label));
  return [
    ...(list.keyFrom === "zone"
      ? [
          warning(
            `${name} contains the access key in its zone, where it may be shown: set zone: ${list.zone} and key`,
          ),
        ]
      : []),
    ...(Object.keys(list.codes).length === 0
      ? [warning(`${name} has no codes, so its answers have no effect: map them to labels`)]
      : []),
    ...(unknown.length > 0
      ? [
          warning(
            `${name}: no rule or credit of the policy uses ${unknown.map(withHint).join(", ")}; ${whatIsKnown(known)}`,
          ),
        ]
      : []),
  ];
}

function whatIsKnown(known: readonly string[]): string {
  return known.length === 0
    ? "it uses no labels at all: extend postmaster-2026, or add rules such as lists.sbl"
    : `it uses ${known.join(", ")}`;
}

/** The labels that rules or credits use. */
function knownLabels({ rules, credits }: Policy): readonly string[] {
  const weighed = Object.entries(credits).filter(([, amount]) => amount > 0);
  return [...Object.keys(rules), ...weighed.map(([source]) => source)]
    .filter((id) => id.startsWith("lists."))
    .map((id) => id.slice("lists.".length));
}
