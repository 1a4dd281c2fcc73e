import type { Facts, ListFact } from "../facts.ts";
import type { Finding, Rule } from "../rule.ts";

/**
 * A rule for each label that a policy weighs. What a list's answers mean is said where the list is configured; a
 * label that no rule knows counts nothing.
 */
const rule = (label: string, kind: Rule["kind"], summary: string): Rule => ({
  id: `lists.${label}`,
  group: "lists",
  kind,
  stage: "connect",
  summary,
  check: (facts) => listedAs(label, facts),
});

export const listHardRules: readonly Rule[] = [
  rule("drop", "hard", "The network is listed as hijacked or criminal."),
];

export const listRules: readonly Rule[] = [
  rule("sbl", "final", "The address is listed as a source of spam."),
  rule("css", "final", "The address is listed as snowshoe spam."),
  rule("xbl", "final", "The address is listed as a hijacked machine."),
  rule("pbl", "final", "The address is listed as one for end users."),
  rule("class2", "final", "The address is on a list of second rank."),
];

/** Several lists may say the same: one fault is one observation. */
function listedAs(label: string, { client, lists = [] }: Facts): Finding | undefined {
  const naming = lists.filter((list) => isFound(list, label));
  const [first] = naming;
  if (first === undefined) return undefined;
  const zones = naming.map(({ zone }) => zone).join(", ");
  return {
    explanation: `${client.address} is listed as ${label} at ${zones}`,
    zone: first.zone,
    operator: first.operator,
    ...(first.url === null ? {} : { url: first.url }),
  };
}

function isFound({ result }: ListFact, label: string): boolean {
  return result.status === "found" && result.value.includes(label);
}
