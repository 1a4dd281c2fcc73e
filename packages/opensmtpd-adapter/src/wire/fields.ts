/** Splits at the first bars only: the last of `count` fields keeps those that are in it. Fields may be missing. */
export function splitFields(text: string, count: number): string[] {
  const fields: string[] = [];
  let start = 0;
  while (fields.length + 1 < count) {
    const bar = text.indexOf("|", start);
    if (bar === -1) break;
    fields.push(text.slice(start, bar));
    start = bar + 1;
  }
  fields.push(text.slice(start));
  return fields;
}

/** Splits at the last bars only: the first of `count` fields keeps those that are in it. Missing ones are empty. */
export function splitFieldsFromRight(text: string, count: number): string[] {
  const fields: string[] = [];
  let end = text.length;
  while (fields.length + 1 < count && end > 0) {
    const bar = text.lastIndexOf("|", end - 1);
    if (bar === -1) break;
    fields.unshift(text.slice(bar + 1, end));
    end = bar;
  }
  fields.unshift(text.slice(0, end));
  return fields;
}
