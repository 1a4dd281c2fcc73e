/** smtpd (6.8) cuts replies at 4,095 bytes and SMTP lines end at 512; we stay well below both. */
const MAX_REPLY_BYTES = 400;

/** What is told where a failure of our own asks the sender to come back. */
export const TRY_LATER = "451 4.3.0 our filter has a problem, please try again later";

/** The same to a client that is not let in at all. */
export const COME_BACK = "421 4.3.0 our filter has a problem, please try again later";

/**
 * A reply as smtpd takes it, whatever the text: one line of printable ASCII, a code of 400 to 599, a blank, a text.
 * smtpd replaces anything else by `421 Internal server error` and disconnects, and lets a CR through to the client
 * (6.8, 7.8).
 */
export function replyLine(text: string): string {
  const printable = text
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, MAX_REPLY_BYTES)
    .trimEnd();
  if (!/^[45]\d\d(?: |$)/.test(printable)) return TRY_LATER;
  return printable.length > 4 ? printable : `${printable.slice(0, 3)} refused`;
}
