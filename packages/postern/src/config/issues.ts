import type { z } from "zod";
import type { Problem } from "./config-error.ts";
import { didYouMean } from "./nearest.ts";
import { type Path, problemAt, type Source, showValue, valueAt } from "./source.ts";

/** More unknown keys than are ever shown: each is compared with all known ones. */
const MAX_KEYS = 50;

type Issue = z.core.$ZodIssue;

/** Checks a source against a schema. Complaints go to `problems`, in words a postmaster can read. */
export function readSource<T>(
  schema: z.ZodType<T>,
  source: Source,
  problems: Problem[],
): T | undefined {
  const parsed = schema.safeParse(source.value);
  if (parsed.success) return parsed.data;
  problems.push(...parsed.error.issues.flatMap((issue) => explain(issue, source, [])));
  return undefined;
}

function explain(issue: Issue, source: Source, base: Path): readonly Problem[] {
  const path = [...base, ...issue.path];
  const value = valueAt(source.value, path);
  const say = (message: string, what: "key" | "value" = "value"): readonly Problem[] => [
    problemAt(source, path, message, what),
  ];
  if (issue.code === "unrecognized_keys")
    return issue.keys.slice(0, MAX_KEYS).map((key) => unknownKey(key, issue.message, source, path));
  if (issue.code === "custom" && issue.params?.["isSentence"] === true) return say(issue.message);
  if (issue.code === "custom" && issue.params?.["of"] === "key")
    return say(`"${String(path.at(-1))}" ${issue.message}`, "key");
  if (value === undefined && issue.code !== "custom") return say("is missing");
  if (value === null) return say("has no value: give it one, or remove the key", "key");
  switch (issue.code) {
    case "invalid_union":
      return explainUnion(issue, value, source, path);
    case "invalid_type":
      return say(`${showValue(value)} ${issue.message || `is no ${describeType(issue.expected)}`}`);
    case "invalid_value":
      return say(
        `${showValue(value)} is none of ${shorten(issue.values.map(String))}` +
          didYouMean(typeof value === "string" ? value : "", issue.values.map(String)),
      );
    default:
      return say(`${showValue(value)} ${issue.message}`);
  }
}

/** The message of such an issue is the list of known keys ({@link strict} in values.ts). */
function unknownKey(key: string, known: string, source: Source, path: Path): Problem {
  const [noun = "", ...names] = known.split(" ");
  const hint = didYouMean(key, names) || `, allowed are ${shorten(names)}`;
  return problemAt(source, [...path, key], `is no known ${noun}${hint}`, "key");
}

function shorten(names: readonly string[]): string {
  return names.length <= 24 ? names.join(", ") : `${names.slice(0, 24).join(", ")} and more`;
}

/** Of the forms that a value may take, the one that has its shape explains what is wrong. */
function explainUnion(
  issue: Extract<Issue, { code: "invalid_union" }>,
  value: unknown,
  source: Source,
  path: Path,
): readonly Problem[] {
  const fitting = issue.errors.filter((errors) => !isMisfit(errors, value));
  const [best] = fitting.toSorted((a, b) => a.length - b.length);
  if (best !== undefined) return best.flatMap((inner) => explain(inner, source, path));
  const forms = [...new Set(issue.errors.flat().flatMap(shapesOf))].map((text) =>
    text.replace(/^is no /, ""),
  );
  return [problemAt(source, path, `${showValue(value)} is no ${forms.join(", and no ")}`)];
}

/** Whether the value has not even the shape, a text or a map, that this form has. */
function isMisfit(errors: readonly Issue[], value: unknown): boolean {
  return errors.some(({ path, ...issue }) => {
    if (path.length > 0) return false;
    if (issue.code === "invalid_union")
      return issue.errors.length > 0 && issue.errors.every((inner) => isMisfit(inner, value));
    // A word was wanted, and this is not even a text.
    if (issue.code === "invalid_value") return typeof value === "object";
    return issue.code === "invalid_type";
  });
}

function shapesOf(issue: Issue): readonly string[] {
  if (issue.path.length > 0) return [];
  if (issue.code === "invalid_union") return issue.errors.flat().flatMap(shapesOf);
  if (issue.code !== "invalid_type") return [];
  return [issue.message || `is no ${describeType(issue.expected)}`];
}

function describeType(expected: string): string {
  switch (expected) {
    case "string":
      return "text (numbers, and words such as true, need quotes to be text)";
    case "number":
      return "number";
    case "int":
      return "whole number";
    case "boolean":
      return "true or false";
    case "array":
      return "list, [a, b]";
    case "object":
    case "record":
      return "map of keys and values";
    default:
      return expected;
  }
}
