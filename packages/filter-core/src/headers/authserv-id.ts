/**
 * Whether an Authentication-Results field says that we wrote it (RFC 8601 sections 2.2 and 5). A field that
 * cannot be read but names our id does too: a reader more lenient than us might believe it.
 *
 * @param value what follows the colon, folds and comments as received, one character for each byte.
 * @param authservId ours, in any case, with or without a final dot.
 */
export function claimsAuthservId(value: string, authservId: string): boolean {
  const ours = normalize(authservId);
  const named = readAuthservId(value);
  return named === undefined ? value.toLowerCase().includes(ours) : normalize(named) === ours;
}

function normalize(id: string): string {
  return (id.endsWith(".") ? id.slice(0, -1) : id).toLowerCase();
}

/** The authserv-id, or undefined where the field is not `[CFWS] id [CFWS version] [CFWS] ";"` or an end. */
function readAuthservId(value: string): string | undefined {
  let at = skipCfws(value, 0);
  const id = value[at] === '"' ? readQuoted(value, at) : readToken(value, at);
  if (id === undefined) return undefined;
  at = skipCfws(value, id.end);
  while (at > id.end && isDigit(value[at])) at += 1;
  at = skipCfws(value, at);
  return at === value.length || value[at] === ";" ? id.text : undefined;
}

interface Piece {
  readonly text: string;
  readonly end: number;
}

/** What a token of RFC 2045 section 5.1 may not hold. */
const NOT_IN_TOKEN = /[^\x21-\x7e\x80-\xff]|[()<>@,;:\\"/[\]?=]/;

/** A token of RFC 2045 section 5.1, non-empty; bytes above 0x7f belong to it (RFC 8601 section 2.5 allows U-labels). */
function readToken(value: string, start: number): Piece | undefined {
  let end = start;
  while (end < value.length && !NOT_IN_TOKEN.test(value.charAt(end))) end += 1;
  return end === start ? undefined : { text: value.slice(start, end), end };
}

function readQuoted(value: string, start: number): Piece | undefined {
  let text = "";
  for (let at = start + 1; at < value.length; at += 1) {
    const char = value.charAt(at);
    if (char === '"') return { text, end: at + 1 };
    if (char === "\\") at += 1;
    text += value.charAt(at);
  }
  return undefined;
}

/** White space, folds and comments, which may nest (RFC 5322 section 3.2.2). An open comment runs to the end. */
function skipCfws(value: string, start: number): number {
  let depth = 0;
  let at = start;
  for (; at < value.length; at += 1) {
    const char = value.charAt(at);
    if (char === "(") depth += 1;
    else if (char === ")" && depth > 0) depth -= 1;
    else if (char === "\\" && depth > 0) at += 1;
    else if (depth === 0 && !/[ \t\r\n]/.test(char)) break;
  }
  return Math.min(at, value.length);
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}
