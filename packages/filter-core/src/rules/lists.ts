import type { Facts, ListFact } from "../facts/facts.ts";
import type { Finding, Rule } from "./rule.ts";

/**
 * One rule per label. The configuration of a list maps its answers to labels; a label without a rule has no
 * effect.
 */
const rule = (label: string, kind: Rule["kind"], summary: string): Rule => ({
  id: `lists.${label}`,
  group: "lists",
  kind,
  stage: "connect",
  summary,
  voidedBy: ["allow"],
  evidence: "refused",
  firstRefusal: "permanent",
  restsOn: ["client", "lists"],
  check: (facts) => listedAs(label, facts),
});

export const listHardRules: readonly Rule[] = [
  rule("drop", "hard", "A DNSBL lists the network as hijacked or criminal (DROP)."),
];

export const listRules: readonly Rule[] = [
  rule("sbl", "final", "A DNSBL lists the address as a spam source (SBL)."),
  rule("css", "final", "A DNSBL lists the address for snowshoe spam (CSS)."),
  rule("xbl", "final", "A DNSBL lists the address as a compromised host (XBL)."),
  rule("pbl", "final", "A DNSBL lists the address as an end-user address (PBL)."),
  rule("class2", "final", "A DNSBL labelled class2, a less reliable list, lists the address."),
];

/** Several lists with the same label give one observation. */
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
