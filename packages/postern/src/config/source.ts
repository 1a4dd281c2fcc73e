import type { Problem } from "./config-error.ts";
import { withoutPassword } from "./without-password.ts";

export type Path = readonly PropertyKey[];

/** A value and where it was written: a schema checks the value, its messages name the place. */
export interface Source {
  /** As messages name it. */
  readonly file: string;
  /** Where relative paths in it start. */
  readonly folder: string;
  /** Where `value` lies in the whole file. */
  readonly base: Path;
  readonly value: unknown;
  /** The place of the value at `path`, or of its key; if there is none, of the nearest value around it. */
  locate(path: Path, what: "key" | "value"): Place;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A part of a source as a source. */
export function partOf(source: Source, path: Path): Source {
  return {
    ...source,
    base: [...source.base, ...path],
    value: valueAt(source.value, path),
    locate: (rest, what) => source.locate([...path, ...rest], what),
  };
}

/** A value that was not written in a file. */
export function plainSource(value: unknown, name: string, folder: string): Source {
  return { file: name, folder, base: [], value, locate: () => ({ line: 0, column: 0 }) };
}

/** The value at a path; undefined if there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key))
      return undefined;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return current;
}

/** A problem with the value at a path: `mode: "enfroce" is not one of ...`. */
export function problemAt(
  source: Source,
  path: Path,
  message: string,
  what: "key" | "value" = "value",
): Problem {
  const full = [...source.base, ...path];
  const prefix = full.length === 0 ? "" : `${formatPath(full)}: `;
  return { file: source.file, ...source.locate(path, what), message: `${prefix}${message}` };
}

/** A key that does not exist: `unknown key: lisen (did you mean listen?)`, `unknown rule in policy.weights: ...`. */
export function unknownAt(source: Source, path: Path, noun: string, hint: string): Problem {
  const full = [...source.base, ...path];
  const around = formatPath(full.slice(0, -1));
  const where = around === "" ? "" : ` in ${around}`;
  const message = `unknown ${noun}${where}: ${printable(String(full.at(-1)))}${hint}`;
  return { file: source.file, ...source.locate(path, "key"), message };
}

/** `deny[0].client`. Names of rules keep their dots: `rules.rdns.none.debt`. */
function formatPath(path: Path): string {
  return path
    .map((key, i) => {
      if (typeof key === "number") return `[${key}]`;
      const text = printable(String(key));
      return i === 0 ? text : `.${text}`;
    })
    .join("");
}

/** What is wrong, with the value: `must be a list, such as [a, b], not "x"`, or `"x" is not ...`. */
export function describeValue(value: unknown, message: string): string {
  const shown = showValue(value);
  return message.startsWith("must be ") ? `${message}, not ${shown}` : `${shown} ${message}`;
}

/** A value as messages show it. */
export function showValue(value: unknown): string {
  if (typeof value === "string") return `"${printable(value)}"`;
  if (Array.isArray(value)) return "this list";
  if (typeof value === "object" && value !== null) return "this map";
  return String(value);
}

/** What a file says, as messages show it. */
export function printable(text: string): string {
  const shown = withoutPassword(text);
  const cut = shown.length > 60 ? `${shown.slice(0, 57)}...` : shown;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "?");
}
