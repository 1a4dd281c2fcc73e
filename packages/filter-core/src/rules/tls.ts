import type { Rule } from "./rule.ts";

/** All common mail servers use STARTTLS when it is offered. */
const noTls: Rule = {
  id: "tls.none",
  group: "tls",
  kind: "weighed",
  stage: "mail",
  summary: "The client did not encrypt, on a listener that offers it.",
  voidedBy: ["allow"],
  evidence: "misconfigured",
  firstRefusal: "permanent",
  restsOn: ["client"],
  check: ({ client }) =>
    client.tls === false ? { explanation: "the session is not encrypted" } : undefined,
};

export const tlsRules: readonly Rule[] = [noTls];
