import type { z } from "zod";
import type { Problem } from "./config-error.ts";
import { didYouMean } from "./nearest.ts";
import {
  describeValue,
  type Path,
  problemAt,
  type Source,
  showValue,
  unknownAt,
  valueAt,
} from "./source.ts";

/** More unknown keys than are ever shown. Each is compared with every known key, so the number has a limit. */
const MAX_KEYS = 50;

type Issue = z.core.$ZodIssue;

/** Checks a source against a schema. Adds what is wrong to `problems`, in words for an administrator. */
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
    return say(describeValue(String(path.at(-1)), issue.message), "key");
  if (value === undefined && issue.code !== "custom") return say("is missing");
  if (value === null) return say("has no value: add one, or remove the key", "key");
  switch (issue.code) {
    case "invalid_union":
      return explainUnion(issue, value, source, path);
    case "invalid_type":
      return say(describeValue(value, issue.message || `must be ${describeType(issue.expected)}`));
    case "invalid_value":
      return say(
        `${showValue(value)} is not one of ${shorten(issue.values.map(String))}` +
          didYouMean(typeof value === "string" ? value : "", issue.values.map(String)),
      );
    default:
      return say(describeValue(value, issue.message));
  }
}

/** The message of such an issue is the list of known keys ({@link strict} in values.ts). */
function unknownKey(key: string, known: string, source: Source, path: Path): Problem {
  const [noun = "", ...names] = known.split(" ");
  const hint = didYouMean(key, names) || ` (known: ${shorten(names)})`;
  return unknownAt(source, [...path, key], noun, hint);
}

function shorten(names: readonly string[]): string {
  return names.length <= 24 ? names.join(", ") : `${names.slice(0, 24).join(", ")} and more`;
}

/** Reports the errors of the alternative whose type fits the value; if none fits, lists all alternatives. */
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
    text.replace(/^must be /, ""),
  );
  return [problemAt(source, path, describeValue(value, `must be ${orOf(forms)}`))];
}

/** A form that has a comma of its own, such as a list, is told from the next one by another. */
function orOf(forms: readonly string[]): string {
  return forms.join(forms.some((form) => form.includes(",")) ? ", or " : " or ");
}

/** Whether the value has the wrong type (text, list, map) for this alternative. */
function isMisfit(errors: readonly Issue[], value: unknown): boolean {
  return errors.some(({ path, ...issue }) => {
    if (path.length > 0) return false;
    if (issue.code === "invalid_union")
      return issue.errors.length > 0 && issue.errors.every((inner) => isMisfit(inner, value));
    // A word is wanted, and the value is not text at all.
    if (issue.code === "invalid_value") return typeof value === "object";
    return issue.code === "invalid_type";
  });
}

function shapesOf(issue: Issue): readonly string[] {
  if (issue.path.length > 0) return [];
  if (issue.code === "invalid_union") return issue.errors.flat().flatMap(shapesOf);
  if (issue.code !== "invalid_type") return [];
  return [issue.message || `must be ${describeType(issue.expected)}`];
}

function describeType(expected: string): string {
  switch (expected) {
    case "string":
      return "text (put quotes around a number or a word such as true)";
    case "number":
      return "a number";
    case "int":
      return "a whole number";
    case "boolean":
      return "true or false";
    case "array":
      return "a list, such as [a, b]";
    case "object":
    case "record":
      return "a map of keys and values";
    default:
      return expected;
  }
}
