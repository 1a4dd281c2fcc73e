import type { Facts } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { type GenericName, recognizeGenericName } from "./generic-name.ts";

/** Mail servers have a reverse name: their operators were asked for it by every large receiver. */
const noReverseName: Rule = {
  id: "rdns.none",
  group: "rdns",
  kind: "final",
  stage: "connect",
  summary: "The client address has no PTR record.",
  check: ({ client, reverseName }) =>
    reverseName?.status === "none"
      ? { explanation: `${client.address} has no PTR record` }
      : undefined,
};

/** A name that does not lead back was given by someone who does not own it. */
const unconfirmedName: Rule = {
  id: "rdns.mismatch",
  group: "rdns",
  kind: "final",
  stage: "connect",
  summary: "No PTR name of the client address resolves back to it.",
  check: ({ client, reverseName, fcrdns }) =>
    fcrdns === "fail" && reverseName?.status === "found"
      ? {
          explanation: `no name of ${client.address} leads back to it, nor does ${reverseName.value}`,
        }
      : undefined,
};

/** Names that a provider makes up for addresses belong to the lines of its customers, not to mail servers. */
const dynamicName: Rule = {
  id: "rdns.generic",
  group: "rdns",
  kind: "final",
  stage: "connect",
  summary: "The reverse name looks like that of a dynamic or residential line.",
  check: (facts) => explain(facts, "dynamic"),
};

const staticName: Rule = {
  id: "rdns.generic-static",
  group: "rdns",
  kind: "final",
  stage: "connect",
  summary: "The reverse name is made from the address, but looks static.",
  check: (facts) => explain(facts, "static"),
};

export const reverseNameRules: readonly Rule[] = [
  noReverseName,
  unconfirmedName,
  dynamicName,
  staticName,
];

function explain(
  { client: { address }, reverseName }: Facts,
  kind: GenericName["kind"],
): { explanation: string } | undefined {
  if (address === null || reverseName?.status !== "found") return undefined;
  const generic = recognizeGenericName(reverseName.value, address);
  return generic?.kind === kind
    ? { explanation: `${reverseName.value} ${generic.reason}` }
    : undefined;
}
