import type { z } from "zod";
import { papersOf } from "./key.ts";
import { configDraft } from "./schema.ts";

/** The keys that apply only when the daemon starts again, as `limits.connections`. */
const RESTART_KEYS: readonly string[] = needingRestart(configDraft.shape);

/**
 * Which of these keys differ between two configurations.
 *
 * @returns their names, in the order of docs/configuration.md.
 */
export function changedRestartKeys(before: object, after: object): readonly string[] {
  return RESTART_KEYS.filter(
    (name) => JSON.stringify(lookUp(before, name)) !== JSON.stringify(lookUp(after, name)),
  );
}

export function needingRestart(
  keys: Readonly<Record<string, z.core.$ZodType>>,
  prefix = "",
): readonly string[] {
  return Object.entries(keys).flatMap(([word, schema]) => {
    const said = papersOf(schema);
    if (said?.reload === "restart") return [`${prefix}${word}`];
    return needingRestart(said?.keys ?? {}, `${prefix}${word}.`);
  });
}

function lookUp(config: object, name: string): unknown {
  let value: unknown = config;
  for (const word of name.split("."))
    value = (value as Readonly<Record<string, unknown>> | undefined)?.[word];
  return value;
}
