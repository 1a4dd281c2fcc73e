import { basename } from "node:path";
import {
  type ClientEntry,
  indexEntries,
  type Mode,
  type Policy,
  type RecipientEntry,
  type RulePolicy,
  rules,
  type Selector,
} from "@postern/filter-core";
import type { Problem } from "./config-error.ts";
import { type Reading, readEntryFile } from "./entry-file.ts";
import type { EntryDraft, RecipientDraft } from "./entry-schema.ts";
import type { Expectation } from "./expectation-schema.ts";
import { resolveKnown } from "./known-resolve.ts";
import { LineEntry } from "./line-entry.ts";
import type { Layer } from "./policy-layers.ts";
import { POLICY_DEFAULTS, type PolicyDraft } from "./policy-schema.ts";
import { replacedPools, resolveReputation } from "./reputation-resolve.ts";
import { checkRule, defaultReply } from "./rule-check.ts";
import { mergeRules } from "./rule-merge.ts";
import { type Path, problemAt } from "./source.ts";

/** A policy with all inherited values, and where they come from, for `check`. */
export interface ResolvedPolicy {
  readonly policy: Policy;
  /** By rule id and by source of credit: where its weight was last set. */
  readonly sources: ReadonlyMap<string, string>;
  readonly expectations: readonly Expectation[];
  /** The absolute paths of the files that entries were read from. */
  readonly watchedFiles: readonly string[];
}

/** Merges the layers, the innermost first. Adds what is wrong to `problems`. */
export async function resolvePolicy(
  layers: readonly Layer[],
  mode: Mode,
  { cwd, problems, breathe }: Pick<Reading, "cwd" | "problems" | "breathe">,
): Promise<ResolvedPolicy> {
  const reading: Reading = { cwd, problems, files: new Set(), breathe, entries: 0 };
  const outermostFirst = layers.toReversed();
  const last = <Key extends keyof PolicyDraft>(key: Key): PolicyDraft[Key] =>
    outermostFirst.find(({ draft }) => draft[key] !== undefined)?.draft[key];
  const deny = await readEntries("deny", outermostFirst, reading);
  const allow = await readEntries("allow", outermostFirst, reading);
  const recipients = await readRecipients(outermostFirst, reading);
  for (const list of [deny, allow, recipients]) for (const _ of indexEntries(list)) await breathe();
  const { resolved, sources } = resolveRules(layers, last("blockPhase"), problems);
  for (const layer of layers) {
    for (const source of Object.keys(defined(layer.draft.credits)))
      sources.set(source, placeOf(layer, ["credits", source]));
  }
  if (deny.length > 0 && !sources.has("client.denied"))
    resolved["client.denied"] = { kind: "hard", debt: 0, reply: defaultReply() };
  const known = resolveKnown(layers, replacedPools(layers), problems);
  const policy: Policy = {
    name: layers.at(-1)?.name ?? "none",
    mode,
    refuseAt: last("refuseAt") ?? POLICY_DEFAULTS.refuseAt,
    thresholds: resolveThresholds(layers, problems),
    caps: Object.assign({}, ...layers.map(({ draft }) => defined(draft.caps))),
    credits: Object.assign({}, ...layers.map(({ draft }) => defined(draft.credits))),
    rules: resolved,
    slowFactorMs: last("slowFactor") ?? POLICY_DEFAULTS.slowFactor,
    scoreHeader: last("scoreHeader") ?? POLICY_DEFAULTS.scoreHeader,
    replyId: last("replyId") ?? POLICY_DEFAULTS.replyId,
    deny,
    allow,
    allowCancels: last("allowCancels") ?? POLICY_DEFAULTS.allowCancels,
    recipients,
    known,
    ...resolveReputation(layers, known.sharedPools),
  };
  const expectations = outermostFirst.flatMap(expectationsOf);
  return { policy, sources, expectations, watchedFiles: [...reading.files] };
}

function resolveRules(
  layers: readonly Layer[],
  scorePhase: Policy["refuseAt"] | undefined,
  problems: Problem[],
): { readonly resolved: Record<string, RulePolicy>; readonly sources: Map<string, string> } {
  const merged = mergeRules(layers, problems);
  const resolved: Record<string, RulePolicy> = {};
  const sources = new Map<string, string>();
  for (const { id } of rules) {
    const rule = merged.get(id);
    if (rule === undefined) continue;
    sources.set(id, rule.weightFrom);
    const checked = checkRule(id, rule, scorePhase);
    if (typeof checked === "string")
      problems.push(problemAt(rule.last.source, rule.last.path, checked, "key"));
    else if (checked !== null) resolved[id] = checked;
  }
  return { resolved, sources };
}

function resolveThresholds(layers: readonly Layer[], problems: Problem[]): Policy["thresholds"] {
  const thresholds: Policy["thresholds"] = Object.assign(
    {},
    POLICY_DEFAULTS.thresholds,
    ...layers.map(({ draft }) => defined(draft.thresholds)),
  );
  const { reject, junk, defer } = thresholds;
  const setter = layers.findLast(({ draft }) => draft.thresholds !== undefined);
  for (const [name, value] of Object.entries({ junk, defer })) {
    if (value <= reject || setter === undefined) continue;
    const message = `${name} (${value}) must not be greater than reject (${reject})`;
    problems.push(problemAt(setter.source, ["thresholds"], message, "key"));
  }
  return thresholds;
}

/** Removes keys whose value is undefined: they would override inherited values. */
function defined(map: object | undefined): object {
  return Object.fromEntries(
    Object.entries(map ?? {}).filter(([, value]: readonly unknown[]) => value !== undefined),
  );
}

async function readEntries(
  key: "deny" | "allow",
  layers: readonly Layer[],
  reading: Reading,
): Promise<readonly ClientEntry[]> {
  const entries: ClientEntry[] = [];
  for (const { draft, source } of layers) {
    for (const [index, drafted] of (draft[key] ?? []).entries()) {
      const { file, until, unproved, selectors, text }: EntryDraft = drafted;
      if (file === undefined) {
        const end = until === null ? "" : ` until ${until}`;
        const proof = unproved === true ? ({ proof: "waived" } as const) : {};
        entries.push({ selectors, until, text: `${text}${end}`, ...proof });
        continue;
      }
      const place = { written: file, source, path: [key, index], addresses: "sender" } as const;
      await readEntryFile(place, reading, (line) => {
        entries.push(new LineEntry(line, until, unproved));
      });
    }
  }
  return entries;
}

async function readRecipients(
  layers: readonly Layer[],
  reading: Reading,
): Promise<readonly RecipientEntry[]> {
  const entries: RecipientEntry[] = [];
  for (const { draft, source } of layers) {
    for (const [index, drafted] of (draft.recipients ?? []).entries()) {
      const { file, until, mode, to, selectors }: RecipientDraft = drafted;
      const add = (own: readonly Selector[]): void => {
        entries.push({ selectors: own, until, mode });
      };
      if (file !== undefined) {
        const path = ["recipients", index];
        const place = { written: file, source, path, addresses: "recipient" } as const;
        await readEntryFile(place, reading, ({ selector }) => add([selector]));
      } else if (to.length === 0) add(selectors);
      else for (const address of to) add([{ by: "recipient", address }, ...selectors]);
    }
  }
  return entries;
}

/** `postmaster-2026`, or `postern.yaml:12`. */
function placeOf({ isBuiltIn, name, source }: Layer, path: Path): string {
  return isBuiltIn ? name : `${basename(source.file)}:${source.locate(path, "key").line}`;
}

function expectationsOf({ draft, source, isBuiltIn, isTop }: Layer): readonly Expectation[] {
  return (draft.expect ?? []).map(({ name, config, case: input, verdict }, index) => ({
    name,
    config,
    input,
    allowed: verdict,
    origin: isTop && !isBuiltIn ? "own" : "inherited",
    place: `${source.file}:${source.locate(["expect", index], "value").line}`,
  }));
}
