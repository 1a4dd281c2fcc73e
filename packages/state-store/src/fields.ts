import type { Fields } from "./port.ts";

/** Without a prototype, so that a name such as `constructor` finds nothing that is not there. */
export function toFields(entries: Iterable<readonly [string, number]>): Fields {
  const fields: Record<string, number> = Object.create(null);
  for (const [name, value] of entries) fields[name] = value;
  return fields;
}
