/** Longer than the name of any field that a rule reads. */
const MAX_NAME = 64;

/**
 * The name of a field in lower case, without what stands around it: blanks, however many, and what some
 * readers take for blanks though nobody may write it (folds, control characters, bytes outside of ASCII).
 *
 * @returns undefined for a name that is too long.
 */
export function plainFieldName(name: string): string | undefined {
  let end = name.length;
  while (end > 0 && !isPrintable(name.charCodeAt(end - 1))) end -= 1;
  let start = 0;
  while (start < end && !isPrintable(name.charCodeAt(start))) start += 1;
  return end - start > MAX_NAME ? undefined : name.slice(start, end).toLowerCase();
}

function isPrintable(code: number): boolean {
  return code > 0x20 && code < 0x7f;
}
