import type { Rule } from "../rule.ts";

/** Every mailer of note encrypts where it can. */
const noTls: Rule = {
  id: "tls.none",
  group: "tls",
  kind: "weighed",
  stage: "mail",
  summary: "The client did not encrypt, on a listener that offers it.",
  check: ({ client }) =>
    client.tls === false ? { explanation: "the session is not encrypted" } : undefined,
};

export const tlsRules: readonly Rule[] = [noTls];
