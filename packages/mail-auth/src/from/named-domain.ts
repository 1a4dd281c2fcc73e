import type { ByteText, Domain } from "@postern/smtp-filter";
import { knownRegistrableDomain } from "./registrable-domain.ts";

const MAX_WORD = 320;
/** So many words with a dot are looked at: a name has one or two. */
const MAX_WORDS = 16;
/** Shorter first labels are initials and titles: `Dr.No`, `Co.Ltd`. */
const SHORTEST_LABEL = 3;

/**
 * A domain that the display name of From shows, by itself or in an address, of another organization than the
 * author's. Readers that hide addresses show that name alone.
 *
 * @param value the field as received; it names one author.
 * @param own the author's registrable domain.
 * @returns the registrable domain; null where there is none.
 */
export function readNamedDomain(value: ByteText, own: Domain): Domain | null {
  const words = decoded(displayName(value))
    .toLowerCase()
    .split(/[^a-z0-9.@-]+/)
    .filter((word) => word.includes(".") && word.length <= MAX_WORD);
  for (const word of words.slice(0, MAX_WORDS)) {
    const at = word.lastIndexOf("@");
    const name = word.slice(at + 1).replace(/^[.-]+/, "");
    const found = knownRegistrableDomain(name);
    if (found === undefined || isOfSame(found, own)) continue;
    const [label = ""] = found.split(".");
    if (at !== -1 || label.length >= SHORTEST_LABEL) return found;
  }
  return null;
}

/** A brand has its name under many top level domains. */
function isOfSame(one: Domain, other: Domain): boolean {
  return one === other || one.split(".", 1)[0] === other.split(".", 1)[0];
}

/** What stands around the address: a name before it, or comments (RFC 5322 section 3.4). */
function displayName(value: ByteText): ByteText {
  const open = value.lastIndexOf("<");
  if (open !== -1) return value.slice(0, open) + value.slice(value.indexOf(">", open) + 1);
  const comment = value.indexOf("(");
  return comment === -1 ? "" : value.slice(comment);
}

/** With encoded words read (RFC 2047 section 2); whatever their charset, domains are ASCII. */
function decoded(text: ByteText): string {
  return text
    .replace(/\?=[ \t\r\n]+=\?/g, "?==?")
    .replace(/=\?[^?]{1,75}\?([bq])\?([^?]*)\?=/gi, (_, encoding: string, word: string) =>
      encoding.toLowerCase() === "b" ? fromBase64(word) : fromQuoted(word),
    );
}

function fromBase64(word: string): string {
  return Buffer.from(word, "base64").toString("latin1");
}

function fromQuoted(word: string): string {
  return word
    .replaceAll("_", " ")
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
