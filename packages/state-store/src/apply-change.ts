import { entriesOf } from "./check-change.ts";
import { MAX_FIELDS } from "./limits.ts";
import type { Change } from "./port.ts";

/**
 * Applies a checked change to the fields of its row.
 * @returns `refused` if the row would get too many fields or a sum beyond what a double holds; the map is then to be
 * thrown away.
 */
export function applyChange(fields: Map<string, number>, change: Change): "applied" | "refused" {
  for (const [name, value] of entriesOf(change.set)) fields.set(name, value);
  for (const [name, value] of entriesOf(change.setOnce)) {
    if (!fields.has(name)) fields.set(name, value);
  }
  for (const [name, value] of entriesOf(change.max)) {
    const known = fields.get(name);
    if (known === undefined || value > known) fields.set(name, value);
  }
  for (const [name, value] of entriesOf(change.add)) {
    const sum = (fields.get(name) ?? 0) + value;
    if (!Number.isFinite(sum)) return "refused";
    fields.set(name, sum);
  }
  return fields.size > MAX_FIELDS ? "refused" : "applied";
}
