import { type Domain, parseDomain, parseWrittenDomain } from "@postern/smtp-filter";
import type { HeaderRow } from "../mailauth/mailauth.ts";

/** Past these no signature of an honest signer lies; within them reading one is cheap, whatever it holds. */
const MAX_FIELD_BYTES = 16_384;
const MAX_TAGS = 40;
const MAX_SIGNED_NAMES = 200;
const MAX_NAME_CHARS = 300;

/** What is read of a DKIM-Signature field before it is decided whether to verify it (RFC 6376 section 3.5). */
export interface SignatureField {
  readonly row: HeaderRow;
  readonly domain: Domain | null;
  readonly selector: Domain | null;
  readonly algorithm: "rsa-sha256" | "rsa-sha1" | "ed25519-sha256" | null;
  /** The first characters of b= (RFC 6008 section 3). */
  readonly signature: string | null;
  /** Names in h=, lower case, in their order. */
  readonly signedNames: readonly string[];
  /** t=, seconds since 1970. */
  readonly timestamp: number | null;
  /** false: too long, too many tags or names. It is not handed to the verifier. */
  readonly isBounded: boolean;
}

const ALGORITHMS = ["rsa-sha256", "rsa-sha1", "ed25519-sha256"] as const;
/** mailauth takes the square of the blanks in a row. */
const LONG_BLANKS = /[ \t\r\n]{201}/;

/** Reads one field. Total, in one pass over its first {@link MAX_FIELD_BYTES}. */
export function readSignatureField(row: HeaderRow): SignatureField {
  const text = row.line.toString("latin1", row.line.indexOf(0x3a) + 1, MAX_FIELD_BYTES);
  const parts = text.split(";", MAX_TAGS + 1);
  const tags = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf("=");
    if (equals === -1) continue;
    tags.set(trim(part.slice(0, equals)), part.slice(equals + 1));
  }
  const value = (name: string) => tags.get(name)?.replace(/[ \t\r\n]+/g, "") ?? "";
  const signedNames = value("h")
    .toLowerCase()
    .split(":", MAX_SIGNED_NAMES + 1);
  const timestamp = value("t");
  return {
    row,
    domain: readName(value("d"), parseWrittenDomain),
    selector: readName(value("s"), parseDomain),
    algorithm: ALGORITHMS.find((name) => name === value("a").toLowerCase()) ?? null,
    signature: /^[A-Za-z0-9+/=]{8}/.exec(value("b"))?.[0] ?? null,
    signedNames,
    timestamp: /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : null,
    isBounded:
      row.line.length <= MAX_FIELD_BYTES &&
      parts.length <= MAX_TAGS &&
      signedNames.length <= MAX_SIGNED_NAMES &&
      ["d", "s", "i"].every((name) => value(name).length <= MAX_NAME_CHARS) &&
      !LONG_BLANKS.test(text),
  };
}

function readName(text: string, parse: (text: string) => Domain | undefined): Domain | null {
  return text.length > MAX_NAME_CHARS ? null : (parse(text) ?? null);
}

function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}
