import type { ByteText } from "@postern/smtp-filter";
import { takeComment } from "./comments.ts";
import type { Cursor } from "./cursor.ts";

/** A piece of an address field (RFC 5322 section 3.4). */
export type Token =
  | { readonly kind: "<" | ">" | "@" }
  /** A blank or a piece of a fold. */
  | { readonly kind: "blank" }
  /** `text`: what stands in it, as written. */
  | { readonly kind: "comment" | "quoted"; readonly text: ByteText }
  /** A run of anything else, punctuation included. */
  | { readonly kind: "word"; readonly text: ByteText };

const NOT_IN_WORD = new Set(["", " ", "\t", "\r", "\n", "(", ")", "<", ">", "@", '"', "\\"]);

/** @returns undefined where a comment or a string does not end, or a `)` or `\` stands outside of them. */
export function takeTokens(cursor: Cursor): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let start = cursor.at, char = cursor.take(); char !== ""; char = cursor.take()) {
    const token = takeToken(char, start, cursor);
    if (token === undefined) return undefined;
    tokens.push(token);
    start = cursor.at;
  }
  return tokens;
}

/** @param first the byte just taken, which stood at `start`. */
function takeToken(first: string, start: number, cursor: Cursor): Token | undefined {
  switch (first) {
    case "<":
    case ">":
    case "@":
      return { kind: first };
    case " ":
    case "\t":
    case "\r":
    case "\n":
      return { kind: "blank" };
    case "(":
      return withText("comment", takeComment(cursor));
    case '"':
      return withText("quoted", takeQuoted(cursor));
    case ")":
    case "\\":
      return undefined;
    default:
      while (!NOT_IN_WORD.has(cursor.peek())) cursor.take();
      return { kind: "word", text: cursor.since(start) };
  }
}

function withText(kind: "comment" | "quoted", text: ByteText | undefined): Token | undefined {
  return text === undefined ? undefined : { kind, text };
}

/** RFC 5322 section 3.2.4. */
function takeQuoted(cursor: Cursor): ByteText | undefined {
  const start = cursor.at;
  for (;;) {
    const char = cursor.take();
    if (char === "") return undefined;
    if (char === '"') return cursor.since(start).slice(0, -1);
    if (char === "\\") cursor.take();
  }
}
