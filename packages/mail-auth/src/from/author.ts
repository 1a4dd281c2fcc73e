import { isUtf8 } from "node:buffer";
import type { AuthorFact, AuthorFault } from "@postern/filter-core";
import type { ByteText } from "@postern/smtp-filter";
import { parseAuthorDomain } from "./author-domain.ts";
import { Cursor } from "./cursor.ts";
import { type Token, takeTokens } from "./tokens.ts";

/** Longer than any From that names one author. */
export const MAX_FROM_BYTES = 16_384;

/** In a local part: control characters, what turns the order of letters, and wide forms of `@`, `<` and `>`. */
const MISLEADING = /[\p{Cc}\p{Bidi_C}\p{Zl}\p{Zp}\uff20\ufe6b\uff1c\ufe64\uff1e\ufe65]/u;

const UNCLEAR = "From cannot be read without doubt";

/**
 * Whom From names, where no reader can take it for anybody else (RFC 5322 sections 3.4 and 3.6.2). A display
 * name may be as wild as people write them; around the address there is no mercy.
 *
 * @param values of all From fields, as received: folds as LF or CRLF.
 */
export function readAuthor(values: readonly ByteText[]): AuthorFact {
  const [value] = values;
  if (value === undefined) return notOne("there is no From field");
  if (values.length > 1) return notOne("there are several From fields");
  if (value.length > MAX_FROM_BYTES) return notOne("From is too long");
  const tokens = hasPlainBytes(value) ? takeTokens(new Cursor(value)) : undefined;
  return tokens === undefined ? notOne(UNCLEAR) : readField(tokens);
}

/** Neither control bytes nor line ends that are no folds. A fold of blanks only ends the header for some. */
function hasPlainBytes(value: ByteText): boolean {
  if (/[^\t\n\r\x20-\x7e\x80-\xff]|\r(?!\n)|\n(?![ \t])|\n[ \t]*\r?\n/.test(value)) return false;
  // Bytes of another charset may swallow a quote, but one `@` has just one domain behind it.
  return value.indexOf("@") === value.lastIndexOf("@") || isUtf8(Buffer.from(value, "latin1"));
}

function readField(tokens: readonly Token[]): AuthorFact {
  const open = tokens.findIndex(({ kind }) => kind === "<" || kind === ">");
  const before = open === -1 ? tokens : tokens.slice(0, open);
  const firstAt = before.findIndex(isAt);
  const phrase = firstAt === -1 ? before : before.slice(0, firstAt);
  if (phrase.some(hasColon)) return notOne("From holds a group");
  if (tokens.some(isTangled)) return notOne(UNCLEAR);
  if (open === -1) return readAddress(tokens);
  if (tokens[open]?.kind === ">") return notOne(UNCLEAR);
  if (firstAt !== -1)
    return isTwice(before, tokens.slice(open + 1))
      ? readAngle(tokens.slice(open + 1))
      : notOne(faultOfMany(tokens));
  // Some readers start anew at loose punctuation, and take what is in quotes for an address of its own.
  if (phrase.some(isLoose) && tokens.some(hidesAddress)) return notOne(UNCLEAR);
  return readAngle(tokens.slice(open + 1));
}

/** `info@example.com <info@example.com>`: however it is read, it is the same address. */
function isTwice(name: readonly Token[], angle: readonly Token[]): boolean {
  const [local, at, domain, ...more] = name.filter(({ kind }) => kind !== "blank");
  const inside = angle.slice(
    0,
    angle.findIndex(({ kind }) => kind === ">"),
  );
  if (local?.kind !== "word" || at?.kind !== "@" || domain?.kind !== "word" || more.length > 0)
    return false;
  const [sameLocal, , sameDomain] = inside;
  return (
    inside.length === 3 &&
    sameLocal?.kind === "word" &&
    sameDomain?.kind === "word" &&
    sameLocal.text === local.text &&
    sameDomain.text.toLowerCase() === domain.text.toLowerCase()
  );
}

/** @param tokens what follows the first `<`. */
function readAngle(tokens: readonly Token[]): AuthorFact {
  const close = tokens.findIndex(({ kind }) => kind === ">");
  const inside = tokens.slice(0, close);
  if (close === -1 || inside.some(({ kind }) => kind === "<")) return notOne(UNCLEAR);
  if (inside.filter(isCfws).some(hidesAddress)) return notOne(UNCLEAR);
  const behind = tokens.slice(close + 1);
  if (behind.some(isAt)) return notOne("From holds several addresses");
  return behind.every(isCfws) ? readAddress(inside) : notOne(UNCLEAR);
}

/** `[CFWS] local-part "@" domain [CFWS]`: blanks and comments in between are obsolete, and read in many ways. */
function readAddress(tokens: readonly Token[]): AuthorFact {
  const ats = tokens.filter(isAt).length;
  if (ats === 0) return notOne("From holds no address");
  const from = tokens.findIndex(isNotCfws);
  const [local, at, domain, ...more] = tokens.slice(from, tokens.findLastIndex(isNotCfws) + 1);
  if (ats > 1) return notOne(local?.kind === "@" ? UNCLEAR : faultOfMany(tokens));
  if (at?.kind !== "@" || !isClearLocalPart(local) || more.length > 0) return notOne(UNCLEAR);
  if (domain === undefined) return notOne("the domain in From is not a domain name");
  if (domain.kind !== "word" || isSeparator(domain)) return notOne(UNCLEAR);
  const name = parseAuthorDomain(domain.text);
  return name === undefined
    ? notOne("the domain in From is not a domain name")
    : { status: "one", domain: name, localPart: plainText(local) };
}

/** What a quoted local part stands for: `"a"` is `a` (RFC 5321 section 4.1.2). */
function plainText(local: Token | undefined): ByteText {
  if (local?.kind === "quoted") return local.text.replace(/\\(.)/gs, "$1");
  return local?.kind === "word" ? local.text : "";
}

/** Any dots, any `%`, any letters; but nothing that looks like another address before or after decoding. */
function isClearLocalPart(token: Token | undefined): boolean {
  if (token?.kind !== "word" && token?.kind !== "quoted") return false;
  const bytes = Buffer.from(token.text, "latin1");
  if (!isUtf8(bytes) || MISLEADING.test(bytes.toString("utf8"))) return false;
  // RFC 2047 section 5: no encoded word in an address; some readers decode it there.
  if (token.text.includes("=?") && token.text.includes("?=")) return false;
  return token.kind === "quoted" ? !/[<>"]/.test(token.text) : !/[,:;[\]]/.test(token.text);
}

/** Why there is more than one `@`: a separator between them makes a list. */
function faultOfMany(tokens: readonly Token[]): AuthorFault {
  const between = tokens.slice(tokens.findIndex(isAt), tokens.findLastIndex(isAt));
  return between.some(isSeparator) ? "From holds several addresses" : UNCLEAR;
}

/** A colon, but for one in an encoded word (RFC 2047 section 2), where some senders leave it as it is. */
function hasColon(token: Token): boolean {
  if (token.kind !== "word") return false;
  return token.text.replace(/=\?[^?]*\?[bq]\?[^?]*\?=/gi, "").includes(":");
}

function isSeparator(token: Token): boolean {
  return token.kind === "word" && /[,;]/.test(token.text);
}

function isAt({ kind }: Token): boolean {
  return kind === "@";
}

/** Punctuation that RFC 5322 section 3.2.3 wants in quotes, and many senders leave bare. */
function isLoose(token: Token): boolean {
  return token.kind === "word" && /[,;[\]]/.test(token.text);
}

/** A comment with an address, which a reader that ends it at the first `)` would see. */
function isTangled(token: Token): boolean {
  return token.kind === "comment" && hidesAddress(token) && /[()\\"]/.test(token.text);
}

function hidesAddress(token: Token): boolean {
  return (token.kind === "quoted" || token.kind === "comment") && /[<>@]/.test(token.text);
}

function isCfws({ kind }: Token): boolean {
  return kind === "blank" || kind === "comment";
}

function isNotCfws(token: Token): boolean {
  return !isCfws(token);
}

function notOne(reason: AuthorFault): AuthorFact {
  return { status: "not-one", reason };
}
