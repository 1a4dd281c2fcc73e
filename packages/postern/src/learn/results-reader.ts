/** One method of an Authentication-Results field: what came out, and what it was about. */
export interface MethodResult {
  readonly method: string;
  readonly result: string;
  /** `header.d` and the like, lower case, to its value. */
  readonly properties: ReadonlyMap<string, string>;
}

/**
 * Reads an Authentication-Results field as {@link authenticationResults} of the core writes it (RFC 8601 section 2.2,
 * without comments). Total: what it cannot read it leaves out.
 *
 * @param value what follows the colon, folded or not.
 * @returns undefined if the field is not ours.
 */
export function readOwnResults(
  value: string,
  authservId: string,
): readonly MethodResult[] | undefined {
  const [id = "", ...methods] = splitOutsideQuotes(value.replace(/\r?\n(?=[ \t])/g, ""), ";");
  if (id.trim().toLowerCase() !== authservId.toLowerCase()) return undefined;
  return methods.flatMap((text) => readMethod(text) ?? []);
}

function readMethod(text: string): MethodResult | undefined {
  const [first = "", ...rest] = splitOutsideQuotes(text.trim(), " ").filter((word) => word !== "");
  const [, method, result] = /^([a-z-]+)=([a-z]+)$/.exec(first) ?? [];
  if (method === undefined || result === undefined) return undefined;
  const properties = new Map<string, string>();
  for (const word of rest) {
    const equals = word.indexOf("=");
    const name = word.slice(0, Math.max(0, equals)).toLowerCase();
    if (name !== "" && !properties.has(name)) properties.set(name, unquote(word.slice(equals + 1)));
  }
  return { method, result, properties };
}

function splitOutsideQuotes(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isQuoted && character === "\\") at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function unquote(text: string): string {
  const quoted = /^"(.*)"$/s.exec(text)?.[1];
  return quoted === undefined ? text : quoted.replace(/\\(.)/gs, "$1");
}
