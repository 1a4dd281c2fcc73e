import { isScalar, type YAMLMap } from "yaml";

import { withoutPassword } from "./without-password.ts";

/** An IPv6 address, `memory:` or `::` at the end of which YAML sees the end of a key. */
const WORD_WITH_COLON =
  /(?:^|[\s,[{-])((?:[0-9A-Fa-f]{0,4}:)+[0-9A-Fa-f]{0,4}:|memory:)(?=\s*(?:$|[,\]}#]))/;

/** What each error code of the YAML parser means, for readers who do not know the YAML specification. */
const SENTENCES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "YAML does not allow tabs for indentation: use spaces",
  MULTIPLE_DOCS: "a second document begins here: a file holds only one",
  BAD_INDENT: "the indentation is wrong here, or a bracket before it is not closed",
  MISSING_CHAR: "a bracket, quote, colon or comma is missing here",
  BAD_SCALAR_START: 'text that begins with this character must be quoted, "like this"',
  BLOCK_AS_IMPLICIT_KEY:
    'there are two keys on this line: quote text that contains ": " or ends in ":"',
  BLOCK_IN_FLOW: 'there are two keys in one pair: quote text that contains ": " or ends in ":"',
  IMPOSSIBLE: "this cannot be read",
  BAD_ALIAS: "this is not a valid alias: quote text that begins with *",
  TAG_RESOLVE_FAILED: "tags (!) are not supported: write the plain value",
  MULTILINE_IMPLICIT_KEY: "a key must be on one line: perhaps a colon or a bracket is missing",
};

/** An error of the YAML parser as a message; names the usual mistake if the line shows it. */
export function explainYamlError(code: string, message: string, line: string): string {
  const [, word] = WORD_WITH_COLON.exec(line.slice(0, 500)) ?? [];
  if (word !== undefined) return `YAML reads a word that ends in ":" as a map: quote it, "${word}"`;
  const sentence = Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : undefined;
  return (
    sentence ??
    `this is not YAML: ${withoutPassword(message.replaceAll(/\s+/g, " ")).slice(0, 200)}`
  );
}

/**
 * The address that was meant where YAML reads a map: `[2001:db8::]` is a list of one map with the key `2001:db8:`
 * and no value.
 */
export function needsQuotes(map: YAMLMap): string | undefined {
  const [pair] = map.items;
  if (map.items.length !== 1 || pair === undefined || !isScalar(pair.key)) return undefined;
  const isEmpty = pair.value === null || (isScalar(pair.value) && pair.value.source === "");
  if (!isEmpty || pair.key.type !== "PLAIN") return undefined;
  const key = pair.key.source ?? "";
  return key.includes(":") && /^[0-9A-Fa-f:]+$/.test(key) ? `${key}:` : undefined;
}
