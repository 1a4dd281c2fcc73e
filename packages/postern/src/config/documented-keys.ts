import type { z } from "zod";
import { type JsonSchema, SCHEMAS, type SchemaName, writeSchema } from "./json-schema.ts";
import type { KeyPapers, Reload } from "./key.ts";

/** A key as docs/configuration.md has it. */
export interface DocumentedKey {
  /** `limits.connections`, `lists[].zone`, `rules.<rule>.debt`. */
  readonly name: string;
  /** What may be written: `whole number 1 to 10000`. */
  readonly value: string;
  readonly meaning: string;
  readonly default: string;
  readonly reload: Reload;
}

type Noted = JsonSchema & { readonly said?: KeyPapers };

/** Every key of a file, in order. Of maps by rule id and the like, the keys below are given once. */
export function documentedKeys(name: SchemaName): readonly DocumentedKey[] {
  return documentKeys(SCHEMAS[name].draft);
}

/** The same of any keys. */
export function documentKeys(draft: z.ZodType): readonly DocumentedKey[] {
  const schema = writeSchema(draft, (said, part) => {
    part["said"] = said;
  });
  return keysBelow(schema as Noted, "", "live");
}

function keysBelow(schema: Noted, prefix: string, around: Reload): readonly DocumentedKey[] {
  const entries = Object.entries(schema.properties ?? {}) as [string, Noted][];
  return entries.flatMap(([word, value]) => keyRows(value, `${prefix}${word}`, around));
}

function keyRows(schema: Noted, name: string, around: Reload): readonly DocumentedKey[] {
  const { said } = schema;
  const reload = said?.reload ?? around;
  const own: DocumentedKey = {
    name,
    value: wordsFor(schema),
    meaning: said?.meaning ?? "",
    default: defaultOf(said),
    reload,
  };
  return [own, ...below(schema, name, reload)];
}

function below(schema: Noted, name: string, reload: Reload): readonly DocumentedKey[] {
  // A policy inside postern.yaml has a table of its own.
  if (name === "policy") return [];
  const each = schema.said?.each;
  if (each !== undefined) {
    const [first] = Object.values(schema.properties ?? {}) as Noted[];
    if (first === undefined) return [];
    const [row, ...rows] = keyRows(first, `${name}.<${each}>`, reload);
    return row === undefined ? rows : [{ ...row, meaning: `One ${each}, by its id.` }, ...rows];
  }
  const parts = [schema, ...alternativesOf(schema)] as Noted[];
  const rows = parts.flatMap((part) => [
    ...keysBelow(part, `${name}.`, reload),
    ...(part.items === undefined ? [] : below(part.items, `${name}[]`, reload)),
  ]);
  // One listener and a list of them have the same keys: those of the list go without saying.
  const plain = rows.filter(({ name: one }) => !one.startsWith(`${name}[]`));
  return plain.length > 0 ? plain : rows;
}

/** What an `anyOf` inside an `anyOf` offers, in one list. */
function alternativesOf({ anyOf = [] }: JsonSchema): readonly JsonSchema[] {
  return anyOf.flatMap((one) => [one, ...alternativesOf(one)]);
}

function defaultOf(said: KeyPapers | undefined): string {
  if (said === undefined) return "";
  if (said.written === undefined) return said.otherwise ?? "";
  if (Array.isArray(said.written) && said.written.length === 0) return "none";
  return `\`${asYaml(said.written)}\``;
}

/** A value in YAML on one line; an IPv6 address in quotes, as anyone should write it. */
function asYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asYaml).join(", ")}]`;
  return typeof value === "string" && /^[\w./-]+$/.test(value) ? value : JSON.stringify(value);
}

function wordsFor(schema: JsonSchema): string {
  const { anyOf, items, minimum, maximum, type } = schema;
  if (schema.enum !== undefined && schema.enum.length > MANY_WORDS) return "rule id";
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(", ");
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (items !== undefined) return `list of ${wordsFor(items)}`;
  if (anyOf !== undefined) return [...new Set(anyOf.filter(isPossible).map(wordsFor))].join(" or ");
  if (type === "object") return "map";
  const range = minimum === undefined ? "" : ` ${minimum} to ${maximum}`;
  return `${TYPES[type ?? ""] ?? type}${range}`;
}

/** More words than a cell should hold: they are the ids of the rules. */
const MANY_WORDS = 24;

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  number: "number",
  boolean: "true or false",
};

/** `not: {}`: what is only refused with a better reason. */
function isPossible(schema: JsonSchema): boolean {
  return !("not" in schema);
}
