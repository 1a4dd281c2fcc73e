import type { Facts, Lookup, Observation } from "@postern/filter-core";
import type { TryResult } from "./run-case.ts";

/**
 * The result as the JSON of DESIGN.md section 4, keys in that order. Facts that nothing gathers are left out.
 *
 * @param id of the input line; undefined where it had none.
 */
export function resultJson(id: unknown, result: TryResult): Record<string, unknown> {
  const { verdict, recipients, facts, judgement, headers } = result;
  return {
    ...(id === undefined ? {} : { id }),
    version: facts.version,
    verdict,
    recipients: recipients.map(({ address, action, reply }) => ({
      address: utf8(address),
      action,
      reply,
    })),
    facts: factsJson(facts),
    observations: judgement.observations.map(observationJson),
    headers,
  };
}

function factsJson({ reverseName, fcrdns, scores }: Facts): Record<string, unknown> {
  return {
    ...(reverseName === undefined ? {} : { reverseName: lookupJson(reverseName) }),
    ...(fcrdns === undefined ? {} : { fcrdns }),
    ...(scores === undefined
      ? {}
      : { scores: scores.map(({ zone, result }) => ({ zone, ...lookupJson(result) })) }),
  };
}

function lookupJson<T>(lookup: Lookup<T>): { status: string; value: T | null } {
  return {
    status: lookup.status,
    value: lookup.status === "found" ? lookup.value : null,
  };
}

function observationJson({ rule, group, stage, debt, explanation }: Observation) {
  return { rule, group, stage, debt, explanation };
}

/** Bytes as they came in: UTF-8 where they are that. */
function utf8(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
