import type { Config } from "../config/config-types.ts";

/** The log lines of a daemon without a configuration file; none with one. */
export function howToEnforce({ file, policy }: Config): readonly string[] {
  if (file !== null || policy.mode !== "observe") return [];
  return [
    "no configuration file, so nothing is refused or marked: would= in the log says what enforce would do; to enforce, write mode: enforce into /etc/postern/postern.yaml",
  ];
}
