import {
  BAD_EVIDENCE,
  type Estimate,
  estimateOn,
  IDENTITY_KINDS,
  type Identity,
  NEUTRAL,
  parseIdentity,
  type ReputationPolicy,
  type Row,
  worthOn,
} from "@postern/filter-core";
import type { StateStore } from "@postern/state-store";
import type { Config } from "../config/config-types.ts";
import { UsageError } from "../exit-code.ts";
import { rowForScore } from "../learn/row-for-score.ts";
import { NoStoreError, openCommandStore } from "./command-store.ts";

const DAY_MS = 86_400_000;
const MAX_LISTED = 10_000;
/** When fading is told for so far ahead. */
const FAR_DAYS = 3 * 365;

/**
 * `postern reputation show|list|forget|set`.
 *
 * @param argument an identity, or for `list` the beginning of one.
 * @throws {UsageError} if the words name nobody, or no score.
 * @throws {NoStoreError} if there is no store that two processes can share, or it does not answer.
 */
export async function reputation(
  action: string,
  [argument, score]: readonly string[],
  config: Config,
): Promise<string> {
  const { reputation: policy } = config.policy;
  if (policy === undefined)
    throw new NoStoreError(`the policy ${config.policy.name} learns nothing`);
  await using store = await openCommandStore(config);
  const today = Math.floor(Date.now() / DAY_MS);
  switch (action) {
    case "show":
      return await show(store, identityOf(argument), policy, today);
    case "list":
      return await list(store, argument ?? "", policy, today);
    case "forget": {
      const { key } = identityOf(argument);
      return (await forget(store, key)) ? `${key} is forgotten\n` : `${key} is unknown\n`;
    }
    case "set":
      return await set(store, identityOf(argument), scoreOf(score), policy, today);
    default:
      throw new UsageError(
        `unknown action: ${action}; use show ID, list [PREFIX], forget ID or set ID SCORE`,
      );
  }
}

async function show(
  store: StateStore,
  { key }: Identity,
  policy: ReputationPolicy,
  today: number,
): Promise<string> {
  const row = (await rowsOf(store, [key])).get(key);
  if (row === undefined)
    return `${key} is unknown: score ${NEUTRAL}, as for every unknown sender\n`;
  const { score, low, high, evidence } = estimateOn(today, row, policy.weights);
  const lines = [...worthOn(today, row)].map(([kind, pieces]) => {
    const sign = (BAD_EVIDENCE as readonly string[]).includes(kind) ? "-" : "+";
    const points = pieces * policy.weights[kind];
    return `  ${sign}${points.toFixed(1).padStart(8)}  ${kind}: ${pieces.toFixed(1)} times ${policy.weights[kind]}`;
  });
  return [
    `${key}`,
    `  score ${score.toFixed(1)}, between ${low.toFixed(1)} and ${high.toFixed(1)}, on ${evidence.toFixed(1)} points of evidence`,
    `  first seen ${dateOf(row["first"] ?? today)}; evidence has a half-life of ${policy.halfLifeDays} days`,
    `  ${fading(row, policy, today)}`,
    ...lines,
    "",
  ].join("\n");
}

/** When nothing but time goes by. */
function fading(row: Row, { weights }: ReputationPolicy, today: number): string {
  const scoreOn = (day: number): number => estimateOn(day, row, weights).score;
  if (scoreOn(today) === NEUTRAL) return "too little evidence to count";
  for (let day = today + 1; day <= today + FAR_DAYS; day += 1)
    if (scoreOn(day) === NEUTRAL) return `counts until ${dateOf(day)}, unless evidence is added`;
  return "counts for more than three years, unless evidence is added";
}

async function list(
  store: StateStore,
  prefix: string,
  { weights }: ReputationPolicy,
  today: number,
): Promise<string> {
  const prefixes = prefix === "" ? IDENTITY_KINDS.map((kind) => `${kind}:`) : [prefix];
  const all: { readonly key: string; readonly estimate: Estimate }[] = [];
  let isCut = false;
  for (const one of prefixes) {
    const listed = await store.list(one, MAX_LISTED);
    if (listed.kind === "unavailable") throw new NoStoreError(listed.reason);
    isCut ||= listed.isCut;
    for (const { key, fields } of listed.rows)
      if (parseIdentity(key) !== undefined)
        all.push({ key, estimate: estimateOn(today, fields, weights) });
  }
  const rows = all
    .toSorted((a, b) => a.estimate.score - b.estimate.score || a.key.localeCompare(b.key))
    .map(
      ({ key, estimate: { score, evidence } }) =>
        `${score.toFixed(1).padStart(5)}  ${evidence.toFixed(1).padStart(8)}  ${key}`,
    );
  return [
    "score  evidence  identity",
    ...rows,
    ...(isCut ? [`only ${MAX_LISTED} of each kind are shown: give a longer prefix`] : []),
    "",
  ].join("\n");
}

async function set(
  store: StateStore,
  { key }: Identity,
  wanted: number,
  policy: ReputationPolicy,
  today: number,
): Promise<string> {
  await forget(store, key);
  const add = rowForScore(wanted, policy, today);
  const ttlSeconds = 10 * policy.halfLifeDays * 86_400;
  store.write([{ key, add, setOnce: { first: today }, day: today, ttlSeconds, rank: "proven" }]);
  await store.flush();
  const { score } = estimateOn(today, add, policy.weights);
  return `${key} has score ${score.toFixed(1)}; it fades like learned evidence\n`;
}

async function rowsOf(
  store: StateStore,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Row>> {
  const found = await store.read(keys);
  if (found.kind === "unavailable") throw new NoStoreError(found.reason);
  return found.rows;
}

async function forget(store: StateStore, key: string): Promise<boolean> {
  try {
    return await store.forget(key);
  } catch (error) {
    throw new NoStoreError(error instanceof Error ? error.message : String(error));
  }
}

function identityOf(text: string | undefined): Identity {
  const identity = parseIdentity(text ?? "");
  if (identity === undefined)
    throw new UsageError(
      `Cannot read ${text ?? "nothing"} as an identity: write domain:example.com, dkim:example.com, spf:example.com, address:192.0.2.1 or network:192.0.2.0/24`,
    );
  return identity;
}

function scoreOf(text: string | undefined): number {
  const score = /^\d{1,3}$/.test(text ?? "") ? Number(text) : Number.NaN;
  if (!(score >= 0 && score <= 100))
    throw new UsageError(`Cannot set the score ${text ?? ""}: write a number from 0 to 100`);
  return score;
}

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
