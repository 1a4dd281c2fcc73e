import {
  type ClientEntry,
  type Mode,
  type Policy,
  parseReplyTemplate,
  type RecipientEntry,
  type ReplyTemplate,
  type RulePolicy,
  rules,
  type Selector,
  type Tier,
} from "@postern/filter-core";
import { ConfigError, type Problem } from "./config-error.ts";
import type { Expectation } from "./config-types.ts";
import { withFiles } from "./entry-files.ts";
import type { RecipientDraft } from "./entry-schema.ts";
import type { LoadedPolicy } from "./policy-load.ts";
import type { PolicyDraft } from "./policy-schema.ts";
import type { RuleDraft } from "./rule-schema.ts";
import { problemAt, type Source } from "./source.ts";

/** One file, or the inline policy, of those a policy is made of. */
export interface Layer {
  readonly draft: PolicyDraft;
  readonly source: Source;
  readonly name: string;
  /** Whether it is the administrator's. */
  readonly origin: Expectation["origin"];
}

type Found<T> = { readonly value: T; readonly layer: Layer } | undefined;

/**
 * Puts the layers on top of each other.
 *
 * @param layers the administrator's first, what it inherits from behind.
 */
export function resolvePolicy(layers: readonly Layer[], mode: Mode): LoadedPolicy {
  const problems: Problem[] = [];
  const first = <T>(read: (draft: PolicyDraft) => T | undefined): T | undefined =>
    find(layers, read)?.value;
  const thresholds = {
    reject: first(({ thresholds: own }) => own?.reject) ?? 10,
    junk: first(({ thresholds: own }) => own?.junk) ?? 6,
    defer: first(({ thresholds: own }) => own?.defer) ?? 4,
  };
  checkThresholds(thresholds, layers, problems);
  const { byRule, sources } = resolveRules(layers, problems);
  const policy: Policy = {
    name:
      layers.at(0)?.name === "inline"
        ? `${layers[1]?.name} with changes`
        : (layers[0]?.name ?? "empty"),
    mode,
    refuseAt: first((draft) => draft.refuseAt) ?? "rcpt",
    thresholds,
    caps: Object.assign(
      Object.create(null),
      ...layers.map(({ draft }) => draft.caps ?? {}).toReversed(),
    ),
    rules: byRule,
    slowFactorMs: first((draft) => draft.slowFactor) ?? 0,
    scoreHeader: first((draft) => draft.scoreHeader) ?? false,
    allowCancels: first((draft) => draft.allowCancels) ?? "debts",
    deny: entriesOf(layers, (draft) => draft.deny, problems),
    allow: entriesOf(layers, (draft) => draft.allow, problems),
    recipients: layers.flatMap(({ draft, source }) =>
      withFiles(draft.recipients ?? [], source.folder, problems).flatMap(spread),
    ),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return { policy, policySources: sources, expectations: layers.flatMap(expectationsOf) };
}

function find<T>(layers: readonly Layer[], read: (draft: PolicyDraft) => T | undefined): Found<T> {
  for (const layer of layers) {
    const value = read(layer.draft);
    if (value !== undefined) return { value, layer };
  }
  return undefined;
}

function checkThresholds(
  { reject, junk, defer }: Policy["thresholds"],
  layers: readonly Layer[],
  problems: Problem[],
): void {
  const top = layers[0]?.source;
  if (top === undefined || (junk <= reject && defer <= reject)) return;
  const message = `junk (${junk}) and defer (${defer}) must not be above reject (${reject})`;
  problems.push(problemAt(top, ["thresholds"], message));
}

function resolveRules(
  layers: readonly Layer[],
  problems: Problem[],
): { readonly byRule: Policy["rules"]; readonly sources: ReadonlyMap<string, string> } {
  const sources = new Map<string, string>();
  const byRule: Record<string, RulePolicy> = Object.create(null);
  for (const { id, kind: usualKind } of rules) {
    const part = <Key extends keyof RuleDraft>(key: Key): Found<NonNullable<RuleDraft[Key]>> =>
      find(layers, (draft) => ruleDraft(draft, id)?.[key] ?? undefined);
    const named = find(layers, (draft) => ruleDraft(draft, id));
    if (named === undefined) continue;
    sources.set(id, placeOf(named.layer, id));
    const debt = part("debt");
    const tiers = part("tiers");
    const kind = part("kind")?.value ?? usualKind;
    // The nearer of the two counts: a debt of a file's own is not meant for inherited tiers.
    const isTiered =
      tiers !== undefined &&
      (debt === undefined || layers.indexOf(tiers.layer) <= layers.indexOf(debt.layer));
    if (!isTiered && debt?.value === 0) continue;
    const reply = part("reply");
    const wrong = whyNoRule(kind, isTiered, debt?.value, reply?.value);
    if (wrong !== undefined) {
      const path = named.layer.draft.rules?.[id] === undefined ? ["weights", id] : ["rules", id];
      problems.push(problemAt(named.layer.source, path, wrong));
      continue;
    }
    const tellAt =
      id === "score.low" ? find(layers, (draft) => draft.blockPhase)?.value : undefined;
    byRule[id] = {
      kind,
      debt: debt?.value ?? 0,
      ...(isTiered ? { tiers: tiers.value } : {}),
      reply: reply?.value ?? DEFAULT_REPLY,
      ...(tellAt === undefined ? {} : { tellAt }),
    };
  }
  return { byRule, sources };
}

/** What a file says of a rule, its shorthands included. */
function ruleDraft(draft: PolicyDraft, id: string): RuleDraft | undefined {
  const long = draft.rules?.[id];
  const weight = draft.weights?.[id];
  const tiers = id === "score.low" ? scoreTiers(draft) : undefined;
  if (long === undefined && weight === undefined && tiers === undefined) return undefined;
  return {
    ...long,
    ...(weight === undefined ? {} : { debt: weight }),
    ...(tiers === undefined ? {} : { tiers }),
  };
}

function scoreTiers({ blockBelow, junkBelow }: PolicyDraft): readonly Tier[] | undefined {
  const tiers: Tier[] = [
    ...(blockBelow === undefined ? [] : [{ below: blockBelow, action: "reject" } as const]),
    ...(junkBelow === undefined ? [] : [{ below: junkBelow, action: "junk" } as const]),
  ];
  return tiers.length === 0 ? undefined : tiers.toSorted((a, b) => a.below - b.below);
}

function whyNoRule(
  kind: RulePolicy["kind"],
  isTiered: boolean,
  debt: number | undefined,
  reply: ReplyTemplate | undefined,
): string | undefined {
  if (kind === "hard")
    return debt !== undefined && debt > 0 && !isTiered
      ? "a hard rule decides by itself and has no debt: give it kind: weighed or final too, or debt: 0 to switch it off"
      : undefined;
  if (!isTiered && debt === undefined) return `a ${kind} rule needs a debt or tiers`;
  return reply !== undefined && reply.code < 500
    ? `a ${kind} rule refuses for good: its reply has a code from 500 on, not ${reply.code}`
    : undefined;
}

function placeOf({ name, source, origin, draft }: Layer, id: string): string {
  if (origin === "inherited") return name;
  const path = draft.rules?.[id] === undefined ? ["weights", id] : ["rules", id];
  return `${source.file}:${source.locate(path, "key").line}`;
}

function entriesOf(
  layers: readonly Layer[],
  read: (draft: PolicyDraft) => PolicyDraft["deny"],
  problems: Problem[],
): readonly ClientEntry[] {
  return layers.flatMap(({ draft, source }) =>
    withFiles(read(draft) ?? [], source.folder, problems).map(({ selectors, until, text }) => ({
      selectors,
      until,
      text,
    })),
  );
}

/** One entry for each of the addresses in `to`. */
function spread({ selectors, until, mode, to }: RecipientDraft): readonly RecipientEntry[] {
  if (to.length === 0) return [{ selectors, until, mode }];
  return to.map((address) => {
    const recipient: Selector = { by: "recipient", address };
    return { selectors: [recipient, ...selectors], until, mode };
  });
}

function expectationsOf({ draft, source, origin }: Layer): readonly Expectation[] {
  return (draft.expect ?? []).map(({ name, config, case: input, verdict }, i) => ({
    name,
    config,
    input,
    allowed: verdict,
    origin,
    place: `${source.file}:${source.locate(["expect", i], "value").line}`,
  }));
}

const DEFAULT_REPLY = readDefaultReply();

function readDefaultReply(): ReplyTemplate {
  const reply = parseReplyTemplate("550 5.7.1 refused by local policy");
  if (typeof reply === "string") throw new TypeError(`Cannot use the default reply: ${reply}`);
  return reply;
}
