import type { IpAddress } from "@postern/smtp-filter";
import type { Facts } from "../facts/facts.ts";
import type { KnownNames, Policy } from "../policy/policy.ts";
import { type GenericName, recognizeGenericName } from "./generic-name.ts";
import type { Rule } from "./rule.ts";

/** Mail servers have a reverse name: all large receivers require one. */
const noReverseName: Rule = {
  id: "rdns.none",
  group: "rdns",
  kind: "final",
  stage: "connect",
  summary: "The client address has no PTR record.",
  voidedBy: ["allow", "forwarder"],
  evidence: "misconfigured",
  firstRefusal: "temporary",
  restsOn: ["client", "reverseName"],
  check: ({ client, reverseName }) =>
    reverseName?.status === "none"
      ? { explanation: `${client.address} has no PTR record` }
      : undefined,
};

/** An unconfirmed name may belong to somebody else: whoever controls the reverse zone can write any name. */
const unconfirmedName: Rule = {
  id: "rdns.mismatch",
  group: "rdns",
  kind: "final",
  stage: "connect",
  summary: "No PTR name of the client address resolves back to it.",
  voidedBy: ["allow", "forwarder"],
  evidence: "misconfigured",
  firstRefusal: "temporary",
  restsOn: ["client", "reverseName", "fcrdns"],
  check: ({ client, reverseName, fcrdns }) =>
    fcrdns === "fail" && reverseName?.status === "found"
      ? {
          explanation: `the reverse name is not confirmed: neither ${reverseName.value} nor another PTR name of ${client.address} resolves back to it`,
        }
      : undefined,
};

/** Names that a provider generates from addresses belong to its customers' access lines, not to mail servers. */
const dynamicName: Rule = {
  id: "rdns.generic",
  group: "rdns",
  kind: "final",
  stage: "connect",
  summary: "The reverse name looks generated, as for a dynamic or residential address.",
  voidedBy: ["allow", "forwarder"],
  evidence: "misconfigured",
  firstRefusal: "temporary",
  restsOn: ["client", "reverseName"],
  check: (facts, policy) => explain(facts, policy, "dynamic"),
};

const staticName: Rule = {
  id: "rdns.generic-static",
  group: "rdns",
  kind: "final",
  stage: "connect",
  summary: "The reverse name looks generated, but for a static address.",
  voidedBy: ["allow", "forwarder"],
  evidence: "misconfigured",
  firstRefusal: "temporary",
  restsOn: ["client", "reverseName"],
  check: (facts, policy) => explain(facts, policy, "static"),
};

export const reverseNameRules: readonly Rule[] = [
  noReverseName,
  unconfirmedName,
  dynamicName,
  staticName,
];

/** How the reverse name of the client looks; undefined: as a server's own, or it is not known. */
export function genericNameOf(
  { client: { address }, reverseName }: Facts,
  { known }: Policy,
): GenericName | undefined {
  if (address === null || reverseName?.status !== "found") return undefined;
  const before = looks.get(reverseName);
  if (before !== undefined && before.address === address && before.known === known)
    return before.generic;
  const generic = recognizeGenericName(reverseName.value, address, known);
  looks.set(reverseName, { address, known, generic });
  return generic;
}

/** A session is judged at several stages, by several rules; its reverse name is looked at once. */
const looks = new WeakMap<
  object,
  {
    readonly address: IpAddress;
    readonly known: KnownNames | undefined;
    readonly generic: GenericName | undefined;
  }
>();

function explain(
  facts: Facts,
  policy: Policy,
  kind: GenericName["kind"],
): { explanation: string } | undefined {
  const { reverseName } = facts;
  const generic = genericNameOf(facts, policy);
  return generic?.kind === kind && reverseName?.status === "found"
    ? { explanation: `${reverseName.value} ${generic.reason}` }
    : undefined;
}
