import { canonicalName } from "../answer/name.ts";
import { RECORD_TYPES, type RecordOf, type RecordType } from "../answer/record.ts";
import { RECORD_PARSERS } from "./parse-record.ts";
import { bytesOf, quoted, unreadable, wrongType } from "./script-text.ts";

/** What a scripted name or type does instead of giving records. */
type ScriptedFault = "timeout" | "servfail";

/** What one type of a name gives. */
type Scripted<T extends RecordType> = ScriptedFault | readonly RecordOf<T>[];

/** What the types of a name give; one that is left out has no records. */
type ScriptedTypes = { readonly [T in RecordType]?: Scripted<T> };

/** One name: a fault for all types, or what each type gives. */
type ScriptedName = ScriptedFault | ScriptedTypes;

/** A whole DNS as plain data. Made by {@link parseDnsScript}. */
export interface DnsScript {
  /** By canonical name. */
  readonly names: ReadonlyMap<string, ScriptedName>;
  /** The names that exist because a listed one lies below them (RFC 8020). */
  readonly parents: ReadonlySet<string>;
}

/**
 * Reads the `dns` object of a JSONL line and of `--dns`:
 * `{"example.com":{"TXT":["v=spf1 -all"],"MX":["10 mail.example.com"]},"slow.example.com":"timeout"}`.
 * Characters outside ASCII stand for their UTF-8 bytes.
 *
 * @throws {TypeError} where a value has the wrong type. @throws {SyntaxError} where its text is wrong.
 */
export function parseDnsScript(value: unknown): DnsScript {
  const names = new Map<string, ScriptedName>();
  const parents = new Set<string>();
  for (const [key, entry] of entriesOf(value, "dns", "an object of names")) {
    const path = `dns[${quoted(key)}]`;
    const name = canonicalName(bytesOf(key));
    if (name === undefined) throw unreadable("dns", quoted(key), "a DNS name");
    if (names.has(name)) {
      throw new SyntaxError(`Cannot read ${path}: ${name} is listed twice, allowed is once`);
    }
    names.set(name, parseTypes(entry, path));
    for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
      parents.add(name.slice(dot + 1));
    }
  }
  return { names, parents };
}

function parseTypes(value: unknown, path: string): ScriptedName {
  if (isFault(value)) return value;
  const types: { [T in RecordType]?: Scripted<T> } = {};
  for (const [key, entry] of entriesOf(
    value,
    path,
    '"timeout", "servfail" or an object of types',
  )) {
    const type = RECORD_TYPES.find((known) => known === key);
    if (type === undefined) throw unreadable(path, quoted(key), RECORD_TYPES.join(", "));
    put(types, type, parseRecords(entry, type, `${path}.${type}`));
  }
  return types;
}

function put<T extends RecordType>(
  types: { [Of in T]?: Scripted<Of> },
  type: T,
  records: Scripted<T>,
): void {
  types[type] = records;
}

function parseRecords<T extends RecordType>(value: unknown, type: T, path: string): Scripted<T> {
  if (isFault(value)) return value;
  if (!Array.isArray(value))
    throw wrongType(path, value, '"timeout", "servfail" or an array of records');
  if (type === "CNAME" && value.length > 1) {
    throw new SyntaxError(`Cannot read ${path}: it has ${value.length} records, allowed is one`);
  }
  const parse: (value: unknown, path: string) => RecordOf<T> = RECORD_PARSERS[type];
  return value.map((record, i) => parse(record, `${path}[${i}]`));
}

function isFault(value: unknown): value is ScriptedFault {
  return value === "timeout" || value === "servfail";
}

function entriesOf(value: unknown, path: string, allowed: string): readonly [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrongType(path, value, allowed);
  }
  return Object.entries(value);
}
