import { setImmediate } from "node:timers/promises";
import type { Policy } from "@postern/filter-core";
import type { Config } from "../config/config-types.ts";
import type { AllowedVerdict, Expectation } from "../config/expectation-schema.ts";
import { testConfig } from "../config/load.ts";
import { tryCase } from "./try-case.ts";

/** An example of a policy that did not come out as it says. */
export interface FailedExpectation {
  readonly origin: Expectation["origin"];
  readonly text: string;
}

/** Runs the examples of a policy, its own and the inherited ones, each over the fixed test configuration. */
export async function runExpectations(
  config: Config,
): Promise<{ readonly count: number; readonly failures: readonly FailedExpectation[] }> {
  const failures: FailedExpectation[] = [];
  for (const expectation of config.expectations) {
    // A daemon that reads its configuration again has sessions that wait.
    await setImmediate();
    const text = await failureOf(expectation, config.policy);
    if (text !== undefined && !(await isOfOwnEntries(expectation, config.policy)))
      failures.push({ origin: expectation.origin, text });
  }
  return { count: config.expectations.length, failures };
}

/** Whether an inherited example fails only because entries of one's own name somebody in it: they are meant to. */
async function isOfOwnEntries(expectation: Expectation, policy: Policy): Promise<boolean> {
  if (expectation.origin === "own") return false;
  const without = { ...policy, deny: [], allow: [], recipients: [] };
  return (await failureOf(expectation, without)) === undefined;
}

async function failureOf(
  { name, place, config: overlay, input, allowed }: Expectation,
  policy: Policy,
): Promise<string | undefined> {
  const wanted = allowed.map(wordsOf).join(" or ");
  try {
    // Examples are about the policy's verdicts, whatever mode the site runs it in.
    const examined = testConfig(overlay, { ...policy, mode: "enforce" });
    const { verdict, judgement } = await tryCase(input, examined);
    const seen = judgement.observations.map(({ rule }) => rule);
    const isMet = allowed.some(
      ({ action, rule, matches = [], matchesNot = [] }) =>
        action === verdict.action &&
        (rule === undefined || rule === verdict.rule) &&
        matches.every((id) => seen.includes(id)) &&
        !matchesNot.some((id) => seen.includes(id)),
    );
    if (isMet) return undefined;
    const isAboutRules = allowed.some(
      ({ matches, matchesNot }) => matches !== undefined || matchesNot !== undefined,
    );
    const got = wordsOf({
      action: verdict.action,
      ...(verdict.rule === null ? {} : { rule: verdict.rule }),
      ...(isAboutRules ? { matches: seen } : {}),
    });
    return `${place}: the example "${name}" gives ${got}, not ${wanted}`;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `${place}: the example "${name}" cannot be run: ${reason}`;
  }
}

/** `reject by rdns.none`, `accept (matching tls.none)`. */
function wordsOf({ action, rule, matches, matchesNot }: AllowedVerdict): string {
  const verdict = rule === undefined ? action : `${action} by ${rule}`;
  const about = [
    ...(matches === undefined ? [] : [`matching ${matches.join(", ") || "nothing"}`]),
    ...(matchesNot === undefined ? [] : [`not matching ${matchesNot.join(", ")}`]),
  ];
  return about.length === 0 ? verdict : `${verdict} (${about.join("; ")})`;
}
