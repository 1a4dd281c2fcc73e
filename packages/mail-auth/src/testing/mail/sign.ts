import { createHash, sign } from "node:crypto";
import {
  type Canonicalization,
  canonicalBody,
  canonicalField,
  type Form,
  nameOf,
  readMessage,
  selectFields,
} from "./canonical.ts";
import type { SigningKey } from "./keys.ts";

export type { Canonicalization } from "./canonical.ts";
export { type KeyKind, type SigningKey, testKey } from "./keys.ts";

export type Algorithm = "rsa-sha256" | "ed25519-sha256" | "rsa-sha1";

/** What a signature says and with what it is made. Nothing is checked: a test may ask for nonsense. */
export interface SignOptions {
  /** d= */
  readonly domain: string;
  /** s= */
  readonly selector: string;
  readonly key: SigningKey;
  /** h=; default those of From, To, Subject, Date and Message-ID that the message has. */
  readonly headers?: readonly string[];
  /** c=; default `relaxed/relaxed`. */
  readonly canonicalization?: Canonicalization;
  /** a=; default by the key, with SHA-256. */
  readonly algorithm?: Algorithm;
  /** l=, in bytes of the canonical body: only so much of it is hashed. */
  readonly bodyLength?: number;
  /** t=, in seconds since 1970. */
  readonly timestamp?: number;
  /** x=, in seconds since 1970. */
  readonly expires?: number;
  /** i= */
  readonly identity?: string;
  /** More tags, as `z=From:a; q=dns/txt`, without a semicolon at the end. */
  readonly extraTags?: string;
}

const USUAL_HEADERS = ["From", "To", "Subject", "Date", "Message-ID"];

/** Signs a message by RFC 6376 and RFC 8463 and returns it with a DKIM-Signature field on top. Latin1, CRLF. */
export function signMessage(message: string, options: SignOptions): string {
  return `${signatureField(message, options)}\r\n${message}`;
}

/** The DKIM-Signature field, folded, without the CRLF that ends it. */
function signatureField(message: string, options: SignOptions): string {
  const { domain, selector, identity, timestamp, expires, bodyLength, extraTags } = options;
  const { canonicalization = "relaxed/relaxed", algorithm = algorithmOf(options.key) } = options;
  const { fields, body } = readMessage(message);
  const names = options.headers ?? presentHeaders(fields, USUAL_HEADERS);
  const tags = [
    "v=1",
    `a=${algorithm}`,
    `c=${canonicalization}`,
    `d=${domain}`,
    `s=${selector}`,
    ...(identity === undefined ? [] : [`i=${identity}`]),
    ...(timestamp === undefined ? [] : [`t=${timestamp}`]),
    ...(expires === undefined ? [] : [`x=${expires}`]),
    ...(bodyLength === undefined ? [] : [`l=${bodyLength}`]),
    ...(extraTags === undefined ? [] : [extraTags]),
    `h=${foldedNames(names)}`,
    `bh=${bodyHash(body, { algorithm, canonicalization, ...(bodyLength !== undefined && { bodyLength }) })}`,
    "b=",
  ];
  const unsigned = `DKIM-Signature: ${tags.join(";\r\n\t")}`;
  const form = headerForm(canonicalization);
  const input = [...selectFields(fields, names), unsigned].map((field) =>
    canonicalField(field, form),
  );
  return unsigned + foldedBase64(signText(input.join("\r\n"), algorithm, options.key));
}

export interface BodyHashOptions {
  readonly algorithm: Algorithm;
  readonly canonicalization: Canonicalization;
  readonly bodyLength?: number;
}

/** The value of bh=. */
export function bodyHash(body: string, options: BodyHashOptions): string {
  const form: Form = options.canonicalization.endsWith("/simple") ? "simple" : "relaxed";
  const hashed = canonicalBody(body, form).slice(0, options.bodyLength);
  return createHash(hashOf(options.algorithm)).update(hashed, "latin1").digest("base64");
}

export function headerForm(canonicalization: Canonicalization): Form {
  return canonicalization.startsWith("simple/") ? "simple" : "relaxed";
}

export function algorithmOf(key: SigningKey): Algorithm {
  return key.privateKey.asymmetricKeyType === "ed25519" ? "ed25519-sha256" : "rsa-sha256";
}

/** Those of `wanted` that the message has, each once. */
export function presentHeaders(fields: readonly string[], wanted: readonly string[]): string[] {
  const names = new Set(fields.map(nameOf));
  return wanted.filter((name) => names.has(name.toLowerCase()));
}

/** Signs the header part, base64. RFC 8463 section 3: Ed25519 signs the hash of it. */
export function signText(text: string, algorithm: Algorithm, key: SigningKey): string {
  const bytes = Buffer.from(text, "latin1");
  if (algorithm === "ed25519-sha256") {
    const digest = createHash("sha256").update(bytes).digest();
    return sign(null, digest, key.privateKey).toString("base64");
  }
  return sign(hashOf(algorithm), bytes, key.privateKey).toString("base64");
}

/** Lines of up to 72 characters. */
export function foldedBase64(text: string): string {
  return text.replace(/.{72}(?=.)/g, "$&\r\n\t ");
}

/** The names of h=, some to a line. */
export function foldedNames(names: readonly string[]): string {
  const lines: string[] = [];
  for (let at = 0; at < names.length; at += 5) lines.push(names.slice(at, at + 5).join(":"));
  return lines.join(":\r\n\t ");
}

function hashOf(algorithm: Algorithm): "sha1" | "sha256" {
  return algorithm === "rsa-sha1" ? "sha1" : "sha256";
}
