import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { type Node, parse } from "acorn";

/** A regular expression as it stands in a source file. */
export interface Pattern {
  readonly file: string;
  readonly line: number;
  readonly source: string;
  readonly flags: string;
}

/** The patterns of a file; `made` are the lines of those that only a running program knows. */
export interface FoundPatterns {
  readonly patterns: readonly Pattern[];
  readonly made: readonly number[];
}

/** Methods of a string that take text for a pattern. */
const TAKES_PATTERN: ReadonlySet<string> = new Set(["match", "matchAll", "search"]);

type Tree = Node & Readonly<Record<string, unknown>>;

/**
 * Every regular expression of a TypeScript or JavaScript file, read from its syntax tree, so that none is missed.
 *
 * @throws {SyntaxError} if the file cannot be parsed.
 */
export function findPatterns(file: string): FoundPatterns {
  const text = readFileSync(file, "utf8");
  const isTypeScript = file.endsWith(".ts");
  // Stripping leaves blanks where the types were: lines stay as they are.
  const tree = parse(isTypeScript ? stripTypeScriptTypes(text) : text, {
    ecmaVersion: "latest",
    sourceType: isTypeScript || file.endsWith(".mjs") ? "module" : "commonjs",
    locations: true,
    allowHashBang: true,
  });
  const patterns: Pattern[] = [];
  const made: number[] = [];
  for (const node of nodesOf(tree)) {
    const line = node.loc?.start.line ?? 0;
    const literal = regexOf(node);
    if (literal !== undefined) patterns.push({ file, line, ...literal });
    if (isMade(node)) made.push(line);
  }
  return { patterns, made };
}

function regexOf({ type, ...node }: Tree): Pick<Pattern, "source" | "flags"> | undefined {
  const regex = node["regex"] as { readonly pattern: string; readonly flags: string } | undefined;
  return type === "Literal" && regex !== undefined
    ? { source: regex.pattern, flags: regex.flags }
    : undefined;
}

/** `new RegExp(...)`, `RegExp(...)`, and `text.match("text")`. */
function isMade(node: Tree): boolean {
  if (node.type !== "NewExpression" && node.type !== "CallExpression") return false;
  const callee = node["callee"] as Tree;
  if (callee.type === "Identifier") return callee["name"] === "RegExp";
  const [argument] = node["arguments"] as readonly Tree[];
  const property = callee["property"] as Tree | undefined;
  return (
    callee.type === "MemberExpression" &&
    TAKES_PATTERN.has(String(property?.["name"])) &&
    (argument?.type === "TemplateLiteral" || typeof argument?.["value"] === "string")
  );
}

function* nodesOf(value: unknown): Generator<Tree> {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodesOf(item);
    return;
  }
  if (typeof value !== "object" || value === null || value instanceof RegExp) return;
  if ("type" in value) yield value as Tree;
  for (const item of Object.values(value)) yield* nodesOf(item);
}
