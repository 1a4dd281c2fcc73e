import { clientFacts } from "./client-facts.ts";
import { contentLength, type HeadField, headFields, single } from "./head-fields.ts";
import type { Key } from "./keys.ts";
import type { MessageRequest } from "./message-request.ts";
import { ProtocolError } from "./protocol-error.ts";

/** Fields that say what a key of the other dialects says. */
const KEY_OF: readonly (readonly [field: string, key: Key])[] = [
  ["ip", "ip"],
  ["helo", "helo"],
  ["user", "auth"],
];

/**
 * Reads the head of Rspamd's dialect, as spam.c of Exim (4.96) writes it, without the empty line that ends it. Values
 * are raw; only CR LF ends one.
 *
 * @throws {ProtocolError} if it is none, or its recipients are not as many as it says.
 */
export function decodeRspamdHead(head: string): MessageRequest {
  const [first = "", ...lines] = head.split("\r\n");
  if (!/^CHECK RSPAMC\/\d{1,3}\.\d{1,3}$/.test(first))
    throw new ProtocolError("Cannot read the head: it is none of RSPAMC");
  const fields = headFields(lines);
  const from = single(fields, "from");
  if (from === null) throw new ProtocolError("Cannot do without From: it is not there");
  const keys = new Map<Key, string>();
  for (const [field, key] of KEY_OF) {
    const value = single(fields, field);
    if (value !== null) keys.set(key, value);
  }
  return {
    dialect: "rspamd",
    client: clientFacts(keys),
    from: withoutBrackets(from),
    recipients: recipientsOf(fields),
    form: "exim-copy",
    id: single(fields, "queue-id"),
    length: contentLength(fields),
  };
}

function recipientsOf(fields: readonly HeadField[]): readonly string[] {
  const recipients = fields.flatMap(([name, value]) =>
    name === "rcpt" ? [withoutBrackets(value)] : [],
  );
  const count = single(fields, "recipient-number");
  if (count !== null && count !== String(recipients.length))
    throw new ProtocolError(`Cannot read ${recipients.length} recipients: others were announced`);
  return recipients;
}

function withoutBrackets(text: string): string {
  return text.startsWith("<") && text.endsWith(">") ? text.slice(1, -1) : text;
}
