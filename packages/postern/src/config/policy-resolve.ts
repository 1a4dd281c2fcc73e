import { basename } from "node:path";
import {
  type ClientEntry,
  type Mode,
  type Policy,
  type RecipientEntry,
  type RulePolicy,
  rules,
} from "@postern/filter-core";
import type { Problem } from "./config-error.ts";
import type { Expectation } from "./config-types.ts";
import { type Reading, readEntryFile } from "./entry-file.ts";
import type { EntryDraft, RecipientDraft } from "./entry-schema.ts";
import type { Layer } from "./policy-layers.ts";
import type { PolicyDraft } from "./policy-schema.ts";
import { resolveReputation } from "./reputation-resolve.ts";
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

const DEFAULT_THRESHOLDS = { reject: 10, junk: 6, defer: 4 };

/** Merges the layers, the innermost first. Adds what is wrong to `problems`. */
export function resolvePolicy(
  layers: readonly Layer[],
  mode: Mode,
  cwd: string,
  problems: Problem[],
): ResolvedPolicy {
  const reading: Reading = { cwd, problems, files: new Set() };
  const outermostFirst = layers.toReversed();
  const last = <Key extends keyof PolicyDraft>(key: Key): PolicyDraft[Key] =>
    outermostFirst.find(({ draft }) => draft[key] !== undefined)?.draft[key];
  const deny = outermostFirst.flatMap((layer) => readEntries("deny", layer, reading));
  const { resolved, sources } = resolveRules(layers, last("blockPhase"), problems);
  for (const layer of layers) {
    for (const source of Object.keys(defined(layer.draft.credits)))
      sources.set(source, placeOf(layer, ["credits", source]));
  }
  if (deny.length > 0 && !sources.has("client.denied"))
    resolved["client.denied"] = { kind: "hard", debt: 0, reply: defaultReply() };
  const policy: Policy = {
    name: layers.at(-1)?.name ?? "none",
    mode,
    refuseAt: last("refuseAt") ?? "rcpt",
    thresholds: resolveThresholds(layers, problems),
    caps: Object.assign({}, ...layers.map(({ draft }) => defined(draft.caps))),
    credits: Object.assign({}, ...layers.map(({ draft }) => defined(draft.credits))),
    rules: resolved,
    slowFactorMs: last("slowFactor") ?? 0,
    scoreHeader: last("scoreHeader") ?? false,
    replyId: last("replyId") ?? false,
    deny,
    allow: outermostFirst.flatMap((layer) => readEntries("allow", layer, reading)),
    allowCancels: last("allowCancels") ?? "debts",
    recipients: outermostFirst.flatMap((layer) => readRecipients(layer, reading)),
    ...resolveReputation(layers),
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
    DEFAULT_THRESHOLDS,
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

function readEntries(
  key: "deny" | "allow",
  { draft, source }: Layer,
  reading: Reading,
): readonly ClientEntry[] {
  return (draft[key] ?? []).flatMap(({ file, until, unproved, ...entry }: EntryDraft, index) => {
    const end = until === null ? "" : ` until ${until}`;
    const proof = unproved === true ? ({ proof: "waived" } as const) : {};
    if (file === undefined)
      return [{ selectors: entry.selectors, until, text: `${entry.text}${end}`, ...proof }];
    return readEntryFile(file, "sender", source, [key, index], reading).map(
      ({ selector, text }) => ({ selectors: [selector], until, text: `${text}${end}`, ...proof }),
    );
  });
}

function readRecipients({ draft, source }: Layer, reading: Reading): readonly RecipientEntry[] {
  return (draft.recipients ?? []).flatMap((entry: RecipientDraft, index) => {
    const { file, until, mode, to, selectors } = entry;
    if (file !== undefined)
      return readEntryFile(file, "recipient", source, ["recipients", index], reading).map(
        ({ selector }) => ({ selectors: [selector], until, mode }),
      );
    if (to.length === 0) return [{ selectors, until, mode }];
    return to.map((address) => ({
      selectors: [{ by: "recipient", address } as const, ...selectors],
      until,
      mode,
    }));
  });
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
