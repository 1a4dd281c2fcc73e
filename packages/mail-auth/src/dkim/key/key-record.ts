import type { DkimReason } from "@postern/filter-core";
import { checkEd25519Key } from "./ed25519-key.ts";
import { checkRsaKey } from "./rsa-key.ts";

export type KeyVerdict =
  /** The record anew: only the tags that say something about a key, in the form that leaves no choice to a reader. */
  | { readonly ok: true; readonly record: string }
  | { readonly ok: false; readonly reason: DkimReason };

/** A key of 4096 bits takes 736 characters. */
const MAX_RECORD_BYTES = 16_384;

/** Tags that count; n= and unknown ones do not (RFC 6376 section 3.6.1). */
const MEANINGFUL: ReadonlySet<string> = new Set(["v", "k", "h", "s", "t", "p"]);
const HOLDS_KEY = /(?:^|;)[ \t\r\n]*p[ \t\r\n]*=/;
const TAG_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
/** RFC 6376 section 3.2: VALCHAR, and the blanks between. */
const TAG_VALUE = /^[\x21-\x3a\x3c-\x7e \t\r\n]*$/;
const BLANKS = /[ \t\r\n]+/g;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Looks at what is published at `selector._domainkey.domain` before anything is calculated with it.
 *
 * @param records the TXT records, the strings of each joined, latin1.
 */
export function checkKeyRecord(records: readonly string[]): KeyVerdict {
  const [record, ...others] = records.filter((text) => HOLDS_KEY.test(text));
  if (others.length > 0) return refuse("the selector has several key records");
  const tags = record === undefined ? undefined : readTags(record);
  if (tags === undefined) return refuse("the key record is broken");
  const text = tags.get("p") ?? "";
  if (text === "") return refuse("the key was revoked");
  const key = decodeBase64(text);
  if (key === undefined) return refuse("the key record is broken");
  const reason = checkKey(tags.get("k")?.toLowerCase() ?? "rsa", key);
  if (reason !== undefined) return refuse(reason);
  return { ok: true, record: formatTags(new Map(tags).set("p", key.toString("base64"))) };
}

function refuse(reason: DkimReason): KeyVerdict {
  return { ok: false, reason };
}

function checkKey(type: string, key: Buffer): DkimReason | undefined {
  switch (type) {
    case "rsa":
      return checkRsaKey(key);
    case "ed25519":
      return checkEd25519Key(key);
    default:
      return "the key is not for this algorithm";
  }
}

/**
 * Reads a tag list (RFC 6376 section 3.2) with the rules of a key record: no tag twice, and v= is the first and says
 * DKIM1, or is not there.
 */
function readTags(record: string): ReadonlyMap<string, string> | undefined {
  if (record.length > MAX_RECORD_BYTES) return undefined;
  const specs = record.split(";");
  if (specs.at(-1)?.replace(BLANKS, "") === "") specs.pop();
  const tags = new Map<string, string>();
  for (const spec of specs) {
    const equals = spec.indexOf("=");
    const name = trimBlanks(spec.slice(0, Math.max(equals, 0)));
    const value = trimBlanks(spec.slice(equals + 1));
    if (!TAG_NAME.test(name) || tags.has(name)) return undefined;
    if (MEANINGFUL.has(name) && !TAG_VALUE.test(value)) return undefined;
    if (name === "v" && (tags.size > 0 || value !== "DKIM1")) return undefined;
    tags.set(name, value);
  }
  return tags;
}

/** A loop, since a regular expression for blanks at the end takes quadratic time where they are not at the end. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (start < end && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}

/** RFC 6376 section 3.2 lets the padding be left out. */
function decodeBase64(text: string): Buffer | undefined {
  const digits = text.replace(BLANKS, "");
  if (!BASE64.test(digits)) return undefined;
  const isWhole = digits.endsWith("=") ? digits.length % 4 === 0 : digits.length % 4 !== 1;
  return isWhole ? Buffer.from(digits, "base64") : undefined;
}

function formatTags(tags: ReadonlyMap<string, string>): string {
  const meaningful = [...tags].filter(([name]) => MEANINGFUL.has(name));
  return meaningful.map(([name, value]) => `${name}=${value.replace(BLANKS, "")}`).join("; ");
}
