import { z } from "zod";
import { type KeyPapers, papersOf } from "./key.ts";
import { policyDraft } from "./policy-schema.ts";
import { configDraft } from "./schema.ts";

/** What a JSON Schema may be written for. */
export const SCHEMAS = {
  config: { draft: configDraft, title: "postern.yaml" },
  policy: { draft: policyDraft, title: "A policy file of Postern" },
} as const satisfies Record<string, { readonly draft: z.ZodType; readonly title: string }>;

export type SchemaName = keyof typeof SCHEMAS;

/** As much of a JSON Schema as we write and read. */
export interface JsonSchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** What `postern check --schema` prints (draft 2020-12): editors complete and check a file by it. */
export function jsonSchemaOf(name: SchemaName): JsonSchema {
  return jsonSchemaFor(SCHEMAS[name].draft, SCHEMAS[name].title);
}

/** The JSON Schema of a file with these keys. */
export function jsonSchemaFor(draft: z.ZodType, title: string): JsonSchema {
  const { $schema, ...rest } = writeSchema(draft, (said, schema) => {
    schema.description = describe(said);
  });
  return { $schema, title, ...rest } as JsonSchema;
}

/** The JSON Schema of a file; what was said of each key goes to `note`, with its part of the schema. */
export function writeSchema(
  draft: z.ZodType,
  note: (said: KeyPapers, schema: z.core.JSONSchema.BaseSchema) => void,
): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(draft, {
    target: "draft-2020-12",
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const said = papersOf(zodSchema);
      if (said === undefined) return;
      // Of a map whose keys have defaults: there is none to complete.
      if (said.keys !== undefined) delete jsonSchema.default;
      note(said, jsonSchema);
    },
  });
}

/** An editor shows no table: all of it stands in one text. */
function describe({ meaning, otherwise, written, keys, reload }: KeyPapers): string {
  const when = reload === "restart" ? ["A change needs a restart."] : [];
  const without =
    otherwise === "required"
      ? ["Required."]
      : keys !== undefined || otherwise === undefined
        ? []
        : [`Default: ${otherwise}.`];
  const value = written === undefined ? [] : [`Default: ${JSON.stringify(written)}.`];
  return [meaning, ...without, ...value, ...when].join(" ");
}
