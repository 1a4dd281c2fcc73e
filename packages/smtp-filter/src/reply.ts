declare const brand: unique symbol;

/** A refusing SMTP reply of one line. Made only by {@link refusal}. */
export interface Reply {
  readonly code: number;
  /** RFC 3463 code, or null where a policy sends none. */
  readonly enhanced: string | null;
  readonly text: string;
  readonly [brand]: "Reply";
}

/** What one reply line may hold, without CRLF: RFC 5321 section 4.5.3.1.5 leaves 510, milters and filters less. */
const MAX_TEXT_BYTES = 400;

/**
 * A refusal: the class of `code` and of `enhanced` agree (RFC 2034 section 4), the text is one printable line.
 *
 * @throws {RangeError} if `code` is not 400 to 599, or the classes differ: a bug in a policy that `check` let through.
 */
export function refusal(code: number, enhanced: string | null, text: string): Reply {
  if (!Number.isInteger(code) || code < 400 || code > 599)
    throw new RangeError(`Cannot refuse with ${code}: allowed are 400 to 599`);
  if (enhanced !== null && !/^[45]\.\d{1,3}\.\d{1,3}$/.test(enhanced))
    throw new RangeError(`Cannot refuse with ${enhanced}: not an enhanced code such as 5.7.1`);
  if (enhanced !== null && enhanced[0] !== String(code)[0])
    throw new RangeError(`Cannot refuse with ${code} ${enhanced}: classes differ`);
  const printable = text.replace(/[^\x20-\x7e]/g, "?").slice(0, MAX_TEXT_BYTES);
  return { code, enhanced, text: printable } as Reply;
}

/** The same, its text ending in the decision id in brackets: what a refused sender quotes, the log finds. */
export function withDecisionId({ code, enhanced, text }: Reply, id: string): Reply {
  if (text.includes(id)) return { code, enhanced, text } as Reply;
  const mark = ` [${id}]`;
  return refusal(code, enhanced, text.slice(0, MAX_TEXT_BYTES - mark.length) + mark);
}

/** The reply as one SMTP line without CRLF (RFC 5321 section 4.2). */
export function formatReply({ code, enhanced, text }: Reply): string {
  return enhanced === null ? `${code} ${text}` : `${code} ${enhanced} ${text}`;
}
