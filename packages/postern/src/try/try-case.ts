import type { Config } from "../config/config-types.ts";
import { parseCase } from "./case.ts";
import { runCase, type TryResult } from "./run-case.ts";
import { openTrySettings } from "./try-settings.ts";

/**
 * Judges one conversation, given as the JSON of `try --jsonl`.
 *
 * @throws {SyntaxError} or {TypeError} if the value is no such conversation.
 */
export async function tryCase(value: unknown, config: Config): Promise<TryResult> {
  const input = parseCase(value);
  using opened = openTrySettings(config, input);
  return await runCase(input, opened.settings);
}
