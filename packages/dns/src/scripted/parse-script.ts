import { parseIpAddress } from "@postern/smtp-filter";
import { canonicalName, RECORD_TYPES, type RecordType } from "../answer/resolver.ts";

/** What a scripted name or type does instead of giving records. */
type ScriptedFault = "timeout" | "servfail";

/** One name: a fault for all types, or what each type gives. */
type ScriptedName = ScriptedFault | ReadonlyMap<RecordType, ScriptedFault | readonly string[]>;

/** A whole DNS as plain data. Made by {@link parseDnsScript}. */
export interface DnsScript {
  /** By canonical name. */
  readonly names: ReadonlyMap<string, ScriptedName>;
  /** The names that exist because a listed one lies below them (RFC 8020). */
  readonly parents: ReadonlySet<string>;
}

const ADDRESSES = {
  A: { letters: /^[0-9.]+$/, example: '"192.0.2.1"' },
  AAAA: { letters: /^[0-9a-f.]*:[0-9a-f:.]*$/i, example: '"2001:db8::1"' },
} as const;
const MX = /^(\d{1,5})\s+(\S+)$/;

/**
 * Reads the `dns` object of a JSONL line and of `--dns` (DESIGN.md section 4):
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
    names.set(name, parseName(entry, path));
    for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
      parents.add(name.slice(dot + 1));
    }
  }
  return { names, parents };
}

function parseName(value: unknown, path: string): ScriptedName {
  if (isFault(value)) return value;
  const types = new Map<RecordType, ScriptedFault | readonly string[]>();
  for (const [key, entry] of entriesOf(
    value,
    path,
    '"timeout", "servfail" or an object of types',
  )) {
    const type = RECORD_TYPES.find((known) => known === key);
    if (type === undefined) throw unreadable(path, quoted(key), RECORD_TYPES.join(", "));
    types.set(type, parseRecords(entry, type, `${path}.${type}`));
  }
  return types;
}

function parseRecords(
  value: unknown,
  type: RecordType,
  path: string,
): ScriptedFault | readonly string[] {
  if (isFault(value)) return value;
  if (!Array.isArray(value))
    throw wrongType(path, value, '"timeout", "servfail" or an array of records');
  if (type === "CNAME" && value.length > 1) {
    throw new SyntaxError(`Cannot read ${path}: it has ${value.length} records, allowed is one`);
  }
  return value.map((record, i) => parseRecord(record, type, `${path}[${i}]`));
}

function parseRecord(value: unknown, type: RecordType, path: string): string {
  if (type === "TXT") return parseTxt(value, path);
  if (typeof value !== "string") throw wrongType(path, value, "a string");
  switch (type) {
    case "A":
    case "AAAA":
      return parseAddress(value, type, path);
    case "MX":
      return parseMx(value, path);
    default:
      return withoutFinalDot(bytesOf(value));
  }
}

/** One string, or the strings that one record consists of (RFC 7208 section 3.3). */
function parseTxt(value: unknown, path: string): string {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  const odd = parts.findIndex((part) => typeof part !== "string");
  if (odd !== -1) throw wrongType(path, parts[odd], "a string or an array of strings");
  return bytesOf(parts.join(""));
}

function parseAddress(value: string, type: "A" | "AAAA", path: string): string {
  const { letters, example } = ADDRESSES[type];
  const address = letters.test(value) ? parseIpAddress(value) : undefined;
  if (address === undefined) throw unreadable(path, quoted(value), `an address as in ${example}`);
  return address;
}

function parseMx(value: string, path: string): string {
  const [, preference, exchange] = MX.exec(value) ?? [];
  if (preference === undefined || exchange === undefined || Number(preference) > 65_535) {
    throw unreadable(path, quoted(value), 'a preference and a name as in "10 mail.example.com"');
  }
  return `${Number(preference)} ${exchange === "." ? "." : withoutFinalDot(bytesOf(exchange))}`;
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

function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function withoutFinalDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}

function wrongType(path: string, value: unknown, allowed: string): TypeError {
  return new TypeError(
    `Cannot read ${path}: ${kindOf(value)} is not allowed, allowed is ${allowed}`,
  );
}

function unreadable(path: string, what: string, allowed: string): SyntaxError {
  return new SyntaxError(`Cannot read ${path}: ${what} is not allowed, allowed is ${allowed}`);
}

function kindOf(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** For a message: one line, not too long. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
