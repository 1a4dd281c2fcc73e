import type { ByteText } from "@postern/smtp-filter";
import { Cursor } from "./cursor.ts";

/** Nesting limit: recursive parsers give up somewhere, and legitimate mail never nests this deep. */
const MAX_DEPTH = 50;

/**
 * Takes the rest of a comment (RFC 5322 section 3.2.2) whose first parenthesis was taken.
 *
 * @returns what stands in it, as written; undefined where it does not end or nests too deep.
 */
export function takeComment(cursor: Cursor): ByteText | undefined {
  const start = cursor.at;
  for (let depth = 1; depth <= MAX_DEPTH; ) {
    const char = cursor.take();
    if (char === "") return undefined;
    if (char === "\\") cursor.take();
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (depth === 0) return cursor.since(start).slice(0, -1);
  }
  return undefined;
}

/** `text` with a blank for each comment, for fields without quoted strings; undefined where one does not end. */
export function withoutComments(text: ByteText): ByteText | undefined {
  const cursor = new Cursor(text);
  let plain = "";
  for (let char = cursor.take(); char !== ""; char = cursor.take()) {
    if (char === "(" && takeComment(cursor) === undefined) return undefined;
    plain += char === "(" ? " " : char;
  }
  return plain;
}
