import { isFieldName } from "./check-change.ts";
import { MAX_FIELDS, MAX_ROW_BYTES } from "./limits.ts";

/*
 * A row as text, `clean=12.5;refused=3`: what SQLite and Redis keep. Numbers in any decimal form that gives the same
 * double again: the shortest one from JavaScript, 17 digits from Redis's Lua.
 */

const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/;

export function encodeRow(fields: ReadonlyMap<string, number>): string {
  return [...fields].map(([name, value]) => `${name}=${value}`).join(";");
}

/** @returns undefined if the text is not a valid row. */
export function decodeRow(text: string): Map<string, number> | undefined {
  if (text === "" || text.length > MAX_ROW_BYTES) return undefined;
  const fields = new Map<string, number>();
  for (const pair of text.split(";", MAX_FIELDS + 1)) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at);
    const digits = pair.slice(at + 1);
    const value = Number(digits);
    if (at < 1 || !isFieldName(name) || fields.has(name)) return undefined;
    if (!NUMBER.test(digits) || !Number.isFinite(value)) return undefined;
    fields.set(name, value);
  }
  return fields.size > MAX_FIELDS ? undefined : fields;
}
