import { findEntry, knownAt } from "../client-list.ts";
import type { Rule } from "../rule.ts";

/** The administrator's own word comes first. */
const denied: Rule = {
  id: "client.denied",
  group: "client",
  kind: "hard",
  stage: "connect",
  summary: "An entry of the policy's deny list names this client, sender or recipient.",
  check: (facts, { deny }) => {
    const entry = findEntry(deny, facts);
    return entry && { explanation: `denied by the entry ${entry.text}`, stage: knownAt(entry) };
  },
};

export const clientListRules: readonly Rule[] = [denied];
