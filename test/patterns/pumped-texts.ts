import type { AST } from "@eslint-community/regexpp";
import { characterTest, isCharacter, parsePattern } from "./count-steps.ts";

/** A text that can be made as long as one likes. */
export interface PumpedText {
  readonly before: string;
  readonly pump: string;
  readonly after: string;
}

/**
 * Characters that a mail can hold, and some that only look like ASCII to a pattern without case. What stands for a kind
 * is its first: graphic characters get past more checks than others.
 */
const ALPHABET = [
  ...Array.from({ length: 0x5e }, (_, index) => 0x21 + index),
  ...Array(0x180).keys(),
  ...[0x2028, 0x212a, 0x3000, 0xfeff],
];
/** Repetitions that end earlier cost the same whatever comes. */
const MIN_LONG = 16;
/** With more kinds of characters than these, not all combinations are tried: words tell such patterns apart. */
const MAX_PAIRED = 9;
const MAX_BEFORE = 5;
const MAX_AFTER = 4;

/** The text with the pump repeated to about `length` characters. */
export function pumped({ before, pump, after }: PumpedText, length: number): string {
  return before + pump.repeat(Math.ceil(length / pump.length)) + after;
}

/**
 * Texts that make a pattern work, from its own parts: each kind of character that it can tell apart, pairs of kinds, and
 * the texts that its parts take, repeated behind what leads to a repetition, and ended by what breaks it.
 */
export function* pumpedTexts(source: string, flags: string): Generator<PumpedText> {
  const tree = parsePattern(source, flags);
  const repeats = [...repeatsOf(tree)];
  if (repeats.length === 0) return;
  const kinds = kindsOf(tree, flags);
  const pairs = kinds.flatMap((a) => kinds.map((b) => a + b));
  const leads = new Set(
    repeats.map(({ before }) => before.map((node) => sampleOf(node, flags)).join("")),
  );
  const pumps = new Set([
    ...kinds,
    ...(kinds.length > MAX_PAIRED ? [] : pairs),
    ...repeats.map(({ node }) => sampleOf(node.element, flags)),
    ...[...leads].flatMap((lead) => kinds.map((kind) => lead + kind)),
  ]);
  pumps.delete("");
  const befores = new Set(["", ...leads, ...(kinds.length > MAX_BEFORE ? [] : kinds)]);
  const afters = ["", ...kinds, ...(kinds.length > MAX_AFTER ? [] : pairs)];
  for (const before of befores)
    for (const pump of pumps) for (const after of afters) yield { before, pump, after };
}

/** One character of each kind: those that the same parts of the pattern take are of a kind. */
function kindsOf(tree: AST.Pattern, flags: string): readonly string[] {
  const tests = [...charactersOf(tree)].map((node) => characterTest(node, flags));
  const kinds = new Map<string, string>();
  for (const code of ALPHABET) {
    const kind = tests.map((has) => (has(code) ? 1 : 0)).join("");
    if (!kinds.has(kind)) kinds.set(kind, String.fromCharCode(code));
  }
  return [...kinds.values()];
}

interface Repeat {
  readonly node: AST.Quantifier;
  /** What must be matched before it. */
  readonly before: readonly AST.Element[];
}

function* repeatsOf(
  { alternatives }: { readonly alternatives: readonly AST.Alternative[] },
  outer: readonly AST.Element[] = [],
): Generator<Repeat> {
  for (const { elements } of alternatives)
    for (const [index, node] of elements.entries()) {
      const before = [...outer, ...elements.slice(0, index)];
      if (node.type === "Quantifier" && node.max >= MIN_LONG) yield { node, before };
      const inner = node.type === "Quantifier" ? node.element : node;
      if ("alternatives" in inner && !isCharacter(inner))
        yield* repeatsOf(inner as AST.Group, before);
    }
}

function* charactersOf({
  alternatives,
}: {
  readonly alternatives: readonly AST.Alternative[];
}): Generator<AST.Element> {
  for (const { elements } of alternatives)
    for (const node of elements) {
      const inner = node.type === "Quantifier" ? node.element : node;
      if (isCharacter(inner)) yield inner;
      else if ("alternatives" in inner) yield* charactersOf(inner as AST.Group);
    }
}

/** A short text that a part takes. */
function sampleOf(node: AST.Element, flags: string): string {
  if (isCharacter(node)) {
    const has = characterTest(node, flags);
    const code = ALPHABET.find(has);
    return code === undefined ? "" : String.fromCharCode(code);
  }
  if (node.type === "Quantifier")
    return sampleOf(node.element, flags).repeat(Math.max(node.min, 1));
  if (node.type === "Group" || node.type === "CapturingGroup")
    return (node.alternatives[0]?.elements ?? []).map((part) => sampleOf(part, flags)).join("");
  return "";
}
