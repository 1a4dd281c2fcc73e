import { type IpAddress, parseIpAddress } from "@postern/smtp-filter";
import type { MailExchanger, RecordOf, RecordType } from "../answer/record.ts";
import { bytesOf, quoted, unreadable, wrongType } from "./script-text.ts";

const ADDRESSES = {
  A: { letters: /^[0-9.]+$/, example: '"192.0.2.1"' },
  AAAA: { letters: /^[0-9a-f.]*:[0-9a-f:.]*$/i, example: '"2001:db8::1"' },
} as const;
const MX = /^(\d{1,5})\s+(\S+)$/;

/** Reads a record of each type; `path` is where it stands, for the message of an error. */
export const RECORD_PARSERS: {
  readonly [T in RecordType]: (value: unknown, path: string) => RecordOf<T>;
} = {
  A: (value, path) => parseAddress(value, "A", path),
  AAAA: (value, path) => parseAddress(value, "AAAA", path),
  PTR: parseName,
  MX: parseMx,
  TXT: parseTxt,
  CNAME: parseName,
};

/** One string, or the strings that one record consists of (RFC 7208 section 3.3). */
function parseTxt(value: unknown, path: string): string {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  const odd = parts.findIndex((part) => typeof part !== "string");
  if (odd !== -1) throw wrongType(path, parts[odd], "a string or an array of strings");
  return bytesOf(parts.join(""));
}

function parseAddress(value: unknown, type: "A" | "AAAA", path: string): IpAddress {
  const { letters, example } = ADDRESSES[type];
  const text = parseString(value, path);
  const address = letters.test(text) ? parseIpAddress(text) : undefined;
  if (address === undefined) throw unreadable(path, quoted(text), `an address as in ${example}`);
  return address;
}

function parseMx(value: unknown, path: string): MailExchanger {
  const text = parseString(value, path);
  const [, preference, exchange] = MX.exec(text) ?? [];
  if (preference === undefined || exchange === undefined || Number(preference) > 65_535) {
    throw unreadable(path, quoted(text), 'a preference and a name as in "10 mail.example.com"');
  }
  return {
    preference: Number(preference),
    exchange: exchange === "." ? "." : withoutFinalDot(bytesOf(exchange)),
  };
}

function parseName(value: unknown, path: string): string {
  return withoutFinalDot(bytesOf(parseString(value, path)));
}

function parseString(value: unknown, path: string): string {
  if (typeof value !== "string") throw wrongType(path, value, "a string");
  return value;
}

function withoutFinalDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
