import { findEntry, knownAt } from "../policy/client-list.ts";
import type { Rule } from "./rule.ts";

/** The first rule: the administrator's own decision. */
const denied: Rule = {
  id: "client.denied",
  group: "client",
  kind: "hard",
  stage: "connect",
  summary: "An entry of the deny list matches this client, sender or recipient.",
  voidedBy: [],
  evidence: "nothing",
  firstRefusal: "permanent",
  restsOn: ["now", "client", "from", "helo", "recipients", "reverseName", "fcrdns", "dkim"],
  check: (facts, { deny }) => {
    const entry = findEntry(deny, facts);
    return (
      entry && { explanation: `denied by the deny entry ${entry.text}`, stage: knownAt(entry) }
    );
  },
};

export const clientListRules: readonly Rule[] = [denied];
