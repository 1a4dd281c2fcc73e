import { rules } from "@postern/filter-core";
import type { Config } from "../config/config-types.ts";
import { testConfig } from "../config/load.ts";
import { tryCase } from "../try/try-case.ts";
import type { Remark } from "./remark.ts";

/** Rules that examples cannot trigger: they need reports of a mail server, or days of learning. */
const UNTRIABLE = ["probing", "stranger"];

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
    .filter(({ id }) => !UNTRIABLE.includes(id))
    .map(({ id }) => id)
    .filter((id) => !observed.has(id) && (id !== "client.denied" || policy.deny.length > 0));
  if (untested.length === 0) return [];
  const text = `no example of the policy triggers these rules: ${untested.join(", ")}`;
  return [{ level: "hint", text }];
}
