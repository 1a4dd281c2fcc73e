import type { SpfFact, SpfFacts } from "@postern/filter-core";
import type { ByteText, IpAddress, ReversePath } from "@postern/smtp-filter";
import { type CheckOptions, MessageCheck, type MessageResults } from "./message-check.ts";
import { evaluateSpf, type SpfQuestion } from "./spf/spf.ts";
import { splitMessage } from "./split-message.ts";

/** What SMTP said of a message. */
export interface Envelope {
  /** The client's address. */
  readonly client: IpAddress;
  /** The name in its HELO or EHLO; null where it gave none. */
  readonly helo: ByteText | null;
  /** MAIL FROM. */
  readonly from: ReversePath;
}

export interface MailResults extends MessageResults {
  readonly spf: SpfFacts;
}

/**
 * SPF, DKIM, ARC and DMARC of one message that lies there as a whole. A server that sees a message go by uses
 * {@link evaluateSpf} and {@link MessageCheck}, which keep nothing of the body. Never rejects for anything that a
 * message or the DNS holds.
 *
 * @param message as it was sent, without the dots that SMTP adds; CRLF ends a line.
 */
export async function authenticate(
  message: Uint8Array,
  { client, helo, from }: Envelope,
  options: CheckOptions,
): Promise<MailResults> {
  const check = new MessageCheck(options);
  const { fields, body } = splitMessage(message);
  for (const { name, value } of fields) check.header(name, value);
  check.body(body);
  const spfOf = (identity: SpfQuestion["identity"]): Promise<SpfFact> =>
    evaluateSpf(options.resolver, { address: client, helo, identity }, options.clock);
  const [mailfrom, ofHelo] = await Promise.all([spfOf(from), spfOf("helo")]);
  const spf = { mailfrom, helo: ofHelo };
  return { spf, ...(await check.end(spf)) };
}
