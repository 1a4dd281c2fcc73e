import {
  BAD_EVIDENCE,
  complaintsOn,
  type Estimate,
  estimateComplaints,
  estimateOn,
  IDENTITY_KINDS,
  type Identity,
  NEUTRAL,
  parseIdentity,
  type ReputationPolicy,
  type Row,
  VOUCHED_DAYS,
  worthOn,
} from "@postern/filter-core";
import { storeKey } from "@postern/filter-runtime";
import type { StateStore } from "@postern/state-store";
import type { Config } from "../config/config-types.ts";
import { UsageError } from "../exit-code.ts";
import { rowForScore } from "../learn/row-for-score.ts";
import { NoStoreError, openCommandStore } from "./command-store.ts";

const DAY_MS = 86_400_000;
const MAX_LISTED = 10_000;
/** When fading is told for so far ahead. */
const FAR_DAYS = 3 * 365;

/** What was done, or found. */
export interface ReputationReport {
  readonly text: string;
  /** `--json`: docs/commands.md. */
  readonly json: Readonly<Record<string, unknown>>;
}

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
): Promise<ReputationReport> {
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
      const wasKnown = await forget(store, key);
      const text = wasKnown ? `${key} is forgotten\n` : `${key} is unknown\n`;
      return { text, json: { id: key, wasKnown } };
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
  { kind, key }: Identity,
  policy: ReputationPolicy,
  today: number,
): Promise<ReputationReport> {
  const row = await rowOf(store, key);
  if (row === undefined)
    return {
      text: `${key} is unknown: score ${NEUTRAL}, as for every unknown sender\n`,
      json: { id: key, isKnown: false, score: NEUTRAL },
    };
  const { score, low, high, evidence } = estimateOn(today, row, policy.weights);
  const firstSeen = dateOf(row["first"] ?? today);
  const { halfLifeDays } = policy;
  const fades = fading(row, policy, today);
  const complained = complaintFigures(kind, row, policy, today);
  const pieces = [...worthOn(today, row)].map(([kind, count]) => {
    const isBad = (BAD_EVIDENCE as readonly string[]).includes(kind);
    return { kind, speaks: isBad ? "against" : "for", count, weight: policy.weights[kind] };
  });
  const text = [
    key,
    `  score ${score.toFixed(1)}, between ${low.toFixed(1)} and ${high.toFixed(1)}, on ${evidence.toFixed(1)} points of evidence`,
    `  first seen ${firstSeen}; evidence has a half-life of ${halfLifeDays} days`,
    `  ${FADING[fades.kind](fades.until ?? "")}`,
    ...(complained === null ? [] : complaintLines(complained)),
    ...pieces.map(({ kind, speaks, count, weight }) => {
      const points = (count * weight).toFixed(1).padStart(8);
      return `  ${speaks === "against" ? "-" : "+"}${points}  ${kind}: ${count.toFixed(1)} times ${weight}`;
    }),
    "",
  ].join("\n");
  return {
    text,
    json: {
      id: key,
      isKnown: true,
      score: rounded(score),
      low: rounded(low),
      high: rounded(high),
      evidence: rounded(evidence),
      firstSeen,
      halfLifeDays,
      countsUntil: fades.until,
      complaints: complained,
      pieces: pieces.map((piece) => ({ ...piece, count: rounded(piece.count) })),
    },
  };
}

interface ComplaintFigures {
  /** Delivered and marked, each message less the older it is. */
  readonly inbox: number;
  readonly spam: number;
  /** Who marked, faded as evidence. */
  readonly readers: number;
  readonly halfLifeDays: number;
  /** The share of spam that is certain. */
  readonly low: number;
  readonly distrust: number;
  readonly debt: number;
}

/** null: nothing was delivered lately, or complaints do not count. */
function complaintFigures(
  kind: Identity["kind"],
  row: Row,
  { complaints }: ReputationPolicy,
  today: number,
): ComplaintFigures | null {
  const told = complaintsOn(today, row);
  if (told === undefined || complaints === undefined) return null;
  const { low, distrust } = estimateComplaints(told);
  const { halfLifeDays, debts } = complaints;
  const debt = rounded(debts[kind] * distrust);
  const [inbox, spam] = [rounded(told.inbox), rounded(told.spam)];
  const readers = rounded(told.readers ?? told.spam);
  return {
    inbox,
    spam,
    readers,
    halfLifeDays,
    low: thousandths(low),
    distrust: thousandths(distrust),
    debt,
  };
}

function complaintLines(of: ComplaintFigures): readonly string[] {
  const { inbox, spam, readers, halfLifeDays, low, distrust, debt } = of;
  const cost =
    distrust === 0
      ? "costs nothing"
      : `costs debt ${debt} (reputation.bad), and the same part of all credit`;
  return [
    `  of n = ${inbox} messages delivered to inboxes, users marked m = ${spam} as spam; both are halved every ${halfLifeDays} days`,
    `  readers who marked: ${readers}; one reader alone costs nothing`,
    `  complaint rate of at least L = ${percent(low)} for certain, distrust s = ${percent(distrust)}: ${cost}`,
  ];
}

const FADING: Readonly<Record<Fading["kind"], (until: string) => string>> = {
  nothing: () => "too little evidence to count",
  until: (day) => `counts until ${day}, unless evidence is added`,
  long: () => "counts for more than three years, unless evidence is added",
};

interface Fading {
  readonly kind: "nothing" | "until" | "long";
  /** A date; null: it does not count, or for longer than is computed. */
  readonly until: string | null;
}

/** When nothing but time goes by. */
function fading(row: Row, { weights }: ReputationPolicy, today: number): Fading {
  const scoreOn = (day: number): number => estimateOn(day, row, weights).score;
  if (scoreOn(today) === NEUTRAL) return { kind: "nothing", until: null };
  for (let day = today + 1; day <= today + FAR_DAYS; day += 1)
    if (scoreOn(day) === NEUTRAL) return { kind: "until", until: dateOf(day) };
  return { kind: "long", until: null };
}

async function list(
  store: StateStore,
  prefix: string,
  { weights }: ReputationPolicy,
  today: number,
): Promise<ReputationReport> {
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
  const found = all.toSorted(
    (a, b) => a.estimate.score - b.estimate.score || a.key.localeCompare(b.key),
  );
  const text = [
    "score  evidence  identity",
    ...found.map(
      ({ key, estimate: { score, evidence } }) =>
        `${score.toFixed(1).padStart(5)}  ${evidence.toFixed(1).padStart(8)}  ${key}`,
    ),
    ...(isCut ? [`only ${MAX_LISTED} of each kind are shown: give a longer prefix`] : []),
    "",
  ].join("\n");
  const identities = found.map(({ key, estimate: { score, evidence } }) => ({
    id: key,
    score: rounded(score),
    evidence: rounded(evidence),
  }));
  return { text, json: { identities, isCut } };
}

async function set(
  store: StateStore,
  { key }: Identity,
  wanted: number,
  policy: ReputationPolicy,
  today: number,
): Promise<ReputationReport> {
  await forget(store, key);
  const add = rowForScore(wanted, policy, today);
  const ttlSeconds = 10 * policy.halfLifeDays * 86_400;
  store.write([
    {
      key: storeKey(key),
      add,
      setOnce: { first: today },
      max: { days: VOUCHED_DAYS },
      day: today,
      ttlSeconds,
      rank: "proven",
    },
  ]);
  await store.flush();
  const { score } = estimateOn(today, add, policy.weights);
  return {
    text: `${key} has score ${score.toFixed(1)}; it fades like learned evidence\n`,
    json: { id: key, score: rounded(score) },
  };
}

async function rowOf(store: StateStore, key: string): Promise<Row | undefined> {
  const found = await store.read([storeKey(key)]);
  if (found.kind === "unavailable") throw new NoStoreError(found.reason);
  return found.rows.get(storeKey(key));
}

async function forget(store: StateStore, key: string): Promise<boolean> {
  try {
    return await store.forget(storeKey(key));
  } catch (error) {
    throw new NoStoreError(error instanceof Error ? error.message : String(error));
  }
}

function identityOf(text: string | undefined): Identity {
  const identity = parseIdentity(text ?? "");
  if (identity === undefined)
    throw new UsageError(
      `Cannot read ${text ?? "nothing"} as an identity: write author:a@example.com, domain:example.com, dkim:example.com, spf:example.com, address:192.0.2.1 or network:192.0.2.0/24`,
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

function percent(share: number): string {
  return `${rounded(100 * share)} %`;
}

function thousandths(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** To a tenth, as scores are shown. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
