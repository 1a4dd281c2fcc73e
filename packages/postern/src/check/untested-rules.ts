import { type FactName, rules } from "@postern/filter-core";
import type { Config } from "../config/config-types.ts";
import { testConfig } from "../config/load.ts";
import { tryCase } from "../try/try-case.ts";
import type { Remark } from "./remark.ts";

/** What no example can say: reports of a mail server, and days of learning. */
const NOT_IN_EXAMPLES: readonly FactName[] = ["recipientsTold", "learning"];

/** The rules of the policy that no example of it ever makes observe, in one line. */
export async function untestedRules({ policy, expectations }: Config): Promise<readonly Remark[]> {
  const observed = new Set<string>();
  for (const { config, input } of expectations) {
    try {
      const { judgement } = await tryCase(
        input,
        testConfig(config, { ...policy, mode: "enforce" }),
      );
      for (const { rule } of judgement.observations) observed.add(rule);
    } catch {
      // Reported where the verdict of the example is checked.
    }
  }
  const untested = rules
    .filter(({ id, check }) => check !== undefined && policy.rules[id] !== undefined)
    .filter(({ restsOn }) => !restsOn.some((fact) => NOT_IN_EXAMPLES.includes(fact)))
    .map(({ id }) => id)
    .filter((id) => !observed.has(id) && (id !== "client.denied" || policy.deny.length > 0));
  if (untested.length === 0) return [];
  const text = `no example of the policy triggers these rules: ${untested.join(", ")}`;
  return [{ level: "hint", text }];
}
