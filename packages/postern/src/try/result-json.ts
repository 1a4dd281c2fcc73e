import type { Facts, Lookup, Observation, SpfFact } from "@postern/filter-core";
import type { TryResult } from "./run-case.ts";

/**
 * The result as the JSON of docs/commands.md, keys in that order. Facts that nothing gathers are left out.
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

function factsJson(facts: Facts): Record<string, unknown> {
  const { reverseName, fcrdns, spf, dkim, dmarc, arc, scores, lists, reputation, complaints } =
    facts;
  return defined({
    reverseName: reverseName && lookupJson(reverseName),
    fcrdns,
    spf: spf && { mailfrom: spfJson(spf.mailfrom), helo: spfJson(spf.helo) },
    dkim: dkim?.map(({ result, domain, selector, reason }) => ({
      result,
      domain,
      selector,
      reason,
    })),
    dmarc: dmarc && { result: dmarc.result, policy: dmarc.policy, domain: dmarc.domain },
    arc: arc && { result: arc.result, sealers: arc.sealers },
    scores: scores?.map(({ zone, result }) => ({ zone, ...lookupJson(result) })),
    lists: lists?.map(({ zone, result }) => ({
      zone,
      status: result.status,
      labels: result.status === "found" ? result.value : [],
    })),
    reputation,
    complaints: complaints && Object.keys(complaints).length > 0 ? complaints : undefined,
  });
}

/** Without the keys of facts that nothing gathered. */
function defined(facts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).filter((pair) => pair[1] !== undefined));
}

function spfJson({ result, domain }: SpfFact): Pick<SpfFact, "result" | "domain"> {
  return { result, domain };
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
