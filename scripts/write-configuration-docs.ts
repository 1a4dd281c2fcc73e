/**
 * Writes docs/configuration.md from the schemas of postern.yaml and of policy files: `npm run docs`.
 * With --check it writes nothing and fails where the page is not current.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { configJsonSchema, policyJsonSchema } from "../packages/postern/src/config/json-schema.ts";

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
}

const PAGE = new URL("../docs/configuration.md", import.meta.url);

const page = [
  "# Every key",
  "",
  "<!-- Written by `npm run docs` from the schemas in packages/postern/src/config. Do not edit. -->",
  "",
  "`postern.yaml` is one YAML file; every key is optional. It is looked for as `./postern.yaml` (not by root), then as",
  "`/etc/postern/postern.yaml`; relative paths in it start at its folder. Unknown keys and bad values are refused with",
  'their place, and `postern check` exits with 78. Quote IPv6 addresses: `"2001:db8::/32"`.',
  "",
  ...tableOf(configJsonSchema() as Schema),
  "",
  "## Policy files",
  "",
  "What `policy:` names or holds. See [policy.md](policy.md).",
  "",
  ...tableOf(policyJsonSchema() as Schema),
  "",
].join("\n");

if (!process.argv.includes("--check")) {
  writeFileSync(PAGE, page);
} else if (readCurrent() !== page) {
  process.stderr.write("docs/configuration.md is not current: run npm run docs\n");
  process.exitCode = 1;
}

function readCurrent(): string {
  try {
    return readFileSync(PAGE, "utf8");
  } catch {
    return "";
  }
}

function tableOf(schema: Schema): string[] {
  return ["| key | value | meaning |", "|---|---|---|", ...rowsOf(schema, "")];
}

/** One row for each key; those of rules and groups are listed in policy.md, not here. */
function rowsOf({ properties = {} }: Schema, prefix: string): string[] {
  return Object.entries(properties).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    const row = `| \`${name}\` | ${typeOf(value)} | ${(value.description ?? "").replaceAll("|", "\\|")} |`;
    const isByRule = ["rules", "weights", "caps"].includes(name);
    return [
      row,
      ...(isByRule ? [] : rowsOf(value.items ?? value, `${name}${value.items ? "[]" : ""}.`)),
    ];
  });
}

function typeOf(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(", ");
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  if (schema.properties !== undefined || schema.type === "object") return "map";
  return String(schema.type ?? "text")
    .replace("string", "text")
    .replace("integer", "whole number")
    .replace("boolean", "true or false");
}
