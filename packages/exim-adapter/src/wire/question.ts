import { type ClientFacts, clientFacts } from "./client-facts.ts";
import { decodeKeys } from "./keys.ts";
import { ProtocolError } from "./protocol-error.ts";

/** A question of one line. */
export type Question = { readonly client: ClientFacts } & (
  | { readonly kind: "connect" }
  | { readonly kind: "helo" }
  | { readonly kind: "quit" }
  | { readonly kind: "mail"; readonly from: string }
  | { readonly kind: "rcpt"; readonly from: string; readonly rcpt: string }
);

/**
 * Reads `POSTERN1 rcpt session=<v> ...`, without its LF.
 *
 * @throws {ProtocolError} if it is none, or lacks what its stage needs.
 */
export function decodeQuestion(line: string): Question {
  const [, stage = "", rest = ""] = /^POSTERN1 +([a-z]+)(?: (.*))?$/s.exec(line) ?? [];
  const keys = decodeKeys(rest);
  const client = clientFacts(keys);
  const from = keys.get("from");
  switch (stage) {
    case "connect":
    case "helo":
    case "quit":
      return { kind: stage, client };
    case "mail":
      return { kind: stage, client, from: needed(from, "from") };
    case "rcpt":
      return {
        kind: stage,
        client,
        from: needed(from, "from"),
        rcpt: needed(keys.get("rcpt") || undefined, "rcpt"),
      };
    default:
      throw new ProtocolError("Cannot answer a stage that is none of connect to quit");
  }
}

function needed(value: string | undefined, key: string): string {
  if (value === undefined) throw new ProtocolError(`Cannot do without ${key}: it is not there`);
  return value;
}
