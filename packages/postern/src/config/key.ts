import type { z } from "zod";
import { strict } from "./values.ts";

/** When a changed value applies: with SIGHUP (or a changed file), or when the daemon starts again. */
export type Reload = "live" | "restart";

/** What is said of a key: docs/configuration.md, the JSON Schema and the daemon's reload read it here. */
export interface KeyPapers {
  /** Its meaning, in Markdown. */
  readonly meaning: string;
  /** What applies where it is not written, in words; absent: {@link written} is. */
  readonly otherwise?: string;
  /** The default, as one would write it in YAML. */
  readonly written?: unknown;
  /** Absent: that of the key around it. */
  readonly reload?: Reload;
  /** The keys of this map are no words of ours but `<rule>`, `<group>` and the like: they are documented once. */
  readonly each?: string;
  /** The keys of a map whose keys have defaults of their own. */
  readonly keys?: Readonly<Record<string, z.core.$ZodType>>;
}

type Meaning = Pick<KeyPapers, "meaning" | "reload" | "each">;

const papers = new WeakMap<z.core.$ZodType, KeyPapers>();

/** What was declared of a key; undefined: the schema is none of a key. */
export function papersOf(schema: z.core.$ZodType): KeyPapers | undefined {
  return papers.get(schema);
}

/** A key with a default, given as it would be written. */
export function key<T>(
  schema: z.ZodType<T>,
  { written, ...said }: Meaning & { readonly written: unknown },
): z.ZodType<T> {
  return declare(schema.prefault(written as never), { ...said, written });
}

/**
 * A key whose default cannot be written, or depends on more than the file.
 *
 * @param said.otherwise what applies without it, in words.
 * @param complete makes its value from what was read; undefined: the key is not there.
 */
export function keyOr<T, Value>(
  schema: z.ZodType<T>,
  said: Meaning & { readonly otherwise: string },
  complete: (read: T | undefined) => Value,
): z.ZodType<Value> {
  return declare(schema.optional().transform(complete), said);
}

/** A key that stays undefined where it is not written. */
export function optional<T>(
  schema: z.ZodType<T>,
  said: Meaning & { readonly otherwise: string },
): z.ZodType<T | undefined> {
  return declare(schema.optional(), said);
}

/** Of a key of a policy that has a value in each of the policies that come with the program. */
export const INHERITED = "inherited";

/** Of a key of a policy: what no file it inherits from sets has this value. */
export function inherited(value: unknown): string {
  return `inherited, else \`${String(value)}\``;
}

/** A key that must be there. */
export function required<T>(schema: z.ZodType<T>, said: Meaning): z.ZodType<T> {
  // Cloned, so that two keys of one kind of value do not share their papers.
  return declare(schema.clone(), { ...said, otherwise: "required" });
}

/** What a map with these keys is read as. */
export type Read<Shape extends z.ZodRawShape> = {
  readonly [Key in keyof Shape]: z.output<Shape[Key]>;
};

/** A map of keys that have defaults of their own. */
export function group<Shape extends z.ZodRawShape>(
  shape: Shape,
  said: Meaning,
): z.ZodType<Read<Shape>> {
  return declare(strict(shape).prefault({} as never) as unknown as z.ZodType<Read<Shape>>, {
    ...said,
    otherwise: "those of its keys",
    keys: shape,
  });
}

/** A key whose value is made of what was read. */
export function refined<T, Value>(
  schema: z.ZodType<T>,
  make: (read: T) => Value,
): z.ZodType<Value> {
  return declare(schema.transform(make), papers.get(schema) ?? { meaning: "" });
}

function declare<Schema extends z.ZodType>(schema: Schema, said: KeyPapers): Schema {
  papers.set(schema, said);
  return schema;
}
