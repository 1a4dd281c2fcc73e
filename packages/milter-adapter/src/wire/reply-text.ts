import type { ReplyVerdict } from "./response.ts";

/** RFC 5321 section 4.5.3.1.5: 512 bytes with the CRLF. */
const MAX_LINE_BYTES = 510;
/** What libmilter allows (smfi_setmlreply). */
const MAX_LINES = 32;

/**
 * The text of SMFIR_REPLYCODE, without the NUL that ends it: `ddd-text` CRLF ... `ddd text`.
 *
 * A per cent sign is doubled: sendmail takes the text as a printf format and drops all of it on a single one (8.17).
 * Text that begins with a digit gets an enhanced code before it: Postfix would read it as one, and drop the
 * connection if its class differed (3.7).
 *
 * @throws {RangeError} if the code is not 400 to 599 or the enhanced code is not of its class.
 */
export function replyText({ code, enhanced, lines }: ReplyVerdict): string {
  if (!Number.isInteger(code) || code < 400 || code > 599)
    throw new RangeError(`Cannot reply with ${code}: allowed are 400 to 599`);
  const family = String(code)[0];
  if (enhanced !== null && !(/^\d\.\d{1,3}\.\d{1,3}$/.test(enhanced) && enhanced[0] === family))
    throw new RangeError(
      `Cannot reply with ${code} ${enhanced}: not an enhanced code of its class`,
    );
  const clean = (lines.length === 0 ? [""] : lines.slice(0, MAX_LINES)).map(printable);
  const tag = enhanced ?? (clean.some((line) => /^\d/.test(line)) ? `${family}.0.0` : null);
  const prefix = tag === null ? "" : `${tag} `;
  return clean
    .map((line, i) => {
      const room = MAX_LINE_BYTES - 4 - prefix.length;
      const text = `${prefix}${line.slice(0, room)}`.replaceAll("%", "%%");
      return `${code}${i === clean.length - 1 ? " " : "-"}${text}`;
    })
    .join("\r\n");
}

function printable(line: string): string {
  return line.replace(/[^\x20-\x7e]+/g, "?");
}

/** Parses the text; undefined if it is invalid. `%%` is one per cent sign. */
export function parseReplyText(text: string): ReplyVerdict | undefined {
  const lines: string[] = [];
  let code: number | undefined;
  let enhanced: string | null = null;
  const raw = text.split("\r\n");
  for (const [i, line] of raw.entries()) {
    const match = /^([45]\d\d)([ -])(?:([45]\.\d{1,3}\.\d{1,3})(?: |$))?([^\r\n]*)$/.exec(line);
    if (match === null || match[2] !== (i === raw.length - 1 ? " " : "-")) return undefined;
    const value = Number(match[1]);
    if (code !== undefined && code !== value) return undefined;
    code = value;
    if (i === 0) enhanced = match[3] ?? null;
    lines.push((match[4] ?? "").replaceAll("%%", "%"));
  }
  if (code === undefined) return undefined;
  if (enhanced !== null && enhanced[0] !== String(code)[0]) return undefined;
  return { kind: "reply", code, enhanced, lines };
}
