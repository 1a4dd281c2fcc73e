import type { SealedMethod } from "./authentication.ts";
import type { Facts } from "./facts.ts";

/** By rule or family: what an ARC sealer must report as pass for the rule to be ignored. */
const VOID_BY: readonly (readonly [rules: string, needed: readonly SealedMethod[]])[] = [
  ["spf.", ["spf"]],
  ["dmarc.", ["dmarc"]],
  ["auth.none", ["spf", "dkim", "dmarc"]],
  ["author.unproved", ["spf", "dkim", "dmarc"]],
  ["from.ours", ["dmarc"]],
];

/**
 * Whether a rule saw no more than the work of a hop the site vouches for (POLICY.md section 3): a forwarder's own
 * reverse name, SPF and DMARC say nothing of the sender. A sealer is believed as far as he says that something passed.
 */
export function isForwarded(rule: string, { forwarder }: Facts): boolean {
  if (forwarder === undefined) return false;
  const [, needed] = VOID_BY.find(([rules]) => matches(rule, rules)) ?? [];
  if (forwarder.by === "client") return needed !== undefined || rule.startsWith("rdns.");
  return needed?.some((method) => forwarder.passes.includes(method)) ?? false;
}

function matches(rule: string, rules: string): boolean {
  return rules.endsWith(".") ? rule.startsWith(rules) : rule === rules;
}
