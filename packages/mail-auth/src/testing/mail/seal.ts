import {
  type Canonicalization,
  canonicalField,
  nameOf,
  readMessage,
  selectFields,
} from "./canonical.ts";
import type { SigningKey } from "./keys.ts";
import {
  algorithmOf,
  bodyHash,
  foldedBase64,
  foldedNames,
  headerForm,
  presentHeaders,
  signText,
} from "./sign.ts";

/** What an ARC set says and with what it is made. Nothing is checked: a test may ask for nonsense. */
export interface SealOptions {
  /** d= */
  readonly domain: string;
  /** s= */
  readonly selector: string;
  readonly key: SigningKey;
  /** What follows `i=N;` in ARC-Authentication-Results, as `mx.example.org; dkim=pass`. */
  readonly authenticationResults: string;
  /** cv=; default `none` for the first set and `pass` for the others. */
  readonly chainValidation?: "none" | "pass" | "fail";
  /** i=; default one more than the highest in the message. */
  readonly instance?: number;
  /** h= of ARC-Message-Signature; default as DKIM, with DKIM-Signature. */
  readonly headers?: readonly string[];
  /** c= of ARC-Message-Signature; default `relaxed/relaxed`. */
  readonly canonicalization?: Canonicalization;
  /** t= of both, in seconds since 1970. */
  readonly timestamp?: number;
}

const USUAL_HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "DKIM-Signature"];
/** The order in which ARC-Seal signs the fields of a set (RFC 8617 section 5.1.1). */
const SET = ["arc-authentication-results", "arc-message-signature", "arc-seal"];

/** Seals a message by RFC 8617 and returns it with one more ARC set on top. Latin1, CRLF. */
export function sealMessage(message: string, options: SealOptions): string {
  const { instance = lastInstance(message) + 1, authenticationResults } = options;
  const { chainValidation = instance === 1 ? "none" : "pass" } = options;
  const results = `ARC-Authentication-Results: i=${instance}; ${authenticationResults}`;
  const signature = messageSignature(message, instance, options);
  const tags = [...sharedTags(instance, options), `cv=${chainValidation}`, "b="];
  const seal = `ARC-Seal: ${tags.join("; ")}`;
  // RFC 8617 section 5.1.2: a chain that failed is sealed with the new set alone.
  const before = chainValidation === "fail" ? [] : setsBelow(message, instance);
  const input = [...before, results, signature, seal].map((field) =>
    canonicalField(field, "relaxed"),
  );
  const signed = signText(input.join("\r\n"), algorithmOf(options.key), options.key);
  return [seal + foldedBase64(signed), signature, results, message].join("\r\n");
}

/** ARC-Message-Signature: a DKIM signature without v=, with the instance as i= (RFC 8617 section 4.1.2). */
function messageSignature(message: string, instance: number, options: SealOptions): string {
  const { canonicalization = "relaxed/relaxed", key } = options;
  const algorithm = algorithmOf(key);
  const { fields, body } = readMessage(message);
  const names = options.headers ?? presentHeaders(fields, USUAL_HEADERS);
  const tags = [
    ...sharedTags(instance, options),
    `c=${canonicalization}`,
    `h=${foldedNames(names)}`,
    `bh=${bodyHash(body, { algorithm, canonicalization })}`,
    "b=",
  ];
  const unsigned = `ARC-Message-Signature: ${tags.join(";\r\n\t")}`;
  const form = headerForm(canonicalization);
  const input = [...selectFields(fields, names), unsigned].map((field) =>
    canonicalField(field, form),
  );
  return unsigned + foldedBase64(signText(input.join("\r\n"), algorithm, key));
}

function sharedTags(instance: number, { key, timestamp, domain, selector }: SealOptions): string[] {
  const time = timestamp === undefined ? [] : [`t=${timestamp}`];
  return [`i=${instance}`, `a=${algorithmOf(key)}`, ...time, `d=${domain}`, `s=${selector}`];
}

/** The fields of the sets 1 to `instance` - 1, in the order of a seal. */
function setsBelow(message: string, instance: number): string[] {
  const { fields } = readMessage(message);
  const sets: string[] = [];
  for (let number = 1; number < instance; number += 1) {
    for (const name of SET) {
      const field = fields.find((one) => nameOf(one) === name && instanceOf(one) === number);
      if (field !== undefined) sets.push(field);
    }
  }
  return sets;
}

function lastInstance(message: string): number {
  const { fields } = readMessage(message);
  const seals = fields.filter((field) => nameOf(field) === "arc-seal");
  return Math.max(0, ...seals.map(instanceOf));
}

/** The number in i=; 0 where there is none. */
function instanceOf(field: string): number {
  return Number(/[:;]\s*i\s*=\s*(\d+)/.exec(field)?.[1] ?? 0);
}
