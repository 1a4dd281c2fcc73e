import { traitsOf } from "@postern/smtp-filter";
import { clientFacts } from "./client-facts.ts";
import { contentLength, headFields, single } from "./head-fields.ts";
import { decodeKeys } from "./keys.ts";
import type { MessageRequest } from "./message-request.ts";
import { ProtocolError } from "./protocol-error.ts";

/**
 * Reads the head of SpamAssassin's dialect, as spam.c of Exim (4.96) writes it, without the empty line that ends it.
 *
 * @throws {ProtocolError} if it is none, or its `User:` is not what PROTOCOL.md says.
 */
export function decodeSpamdHead(head: string): MessageRequest {
  const [first = "", ...lines] = head.split("\r\n");
  if (!/^REPORT SPAMC\/\d{1,3}\.\d{1,3}$/.test(first))
    throw new ProtocolError("Cannot read the head: it is none of SPAMC");
  const fields = headFields(lines);
  const keys = decodeKeys(single(fields, "user") ?? "");
  const from = keys.get("from");
  if (from === undefined) throw new ProtocolError("Cannot do without from: it is not there");
  const client = clientFacts(keys);
  const isInCopy = traitsOf(client.mta.name).envelope === "with-message";
  const rcpts = keys.get("rcpts");
  if (!isInCopy && rcpts === undefined)
    throw new ProtocolError("Cannot do without rcpts: notqmail has to send them");
  return {
    dialect: "spamd",
    client,
    from,
    recipients: isInCopy ? "in-copy" : (rcpts ?? "").split("\n").filter((rcpt) => rcpt !== ""),
    form: isInCopy ? "exim-copy" : "plain",
    id: keys.get("id") || null,
    length: contentLength(fields),
  };
}
