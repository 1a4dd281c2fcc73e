import type { History } from "@postern/filter-runtime";
import type { Config } from "../config/config-types.ts";
import { parseCase } from "./case.ts";
import { runCase, type TryResult } from "./run-case.ts";
import { openTrySettings } from "./try-settings.ts";

/**
 * Judges one conversation, given as the JSON of `try --jsonl`.
 *
 * @param history what was learned; null: it is judged without.
 * @throws {SyntaxError} or {TypeError} if the value is no such conversation.
 */
export async function tryCase(
  value: unknown,
  config: Config,
  history: History | null = null,
): Promise<TryResult> {
  const input = parseCase(value);
  using opened = openTrySettings(config, input, history);
  return await runCase(input, opened.settings);
}
