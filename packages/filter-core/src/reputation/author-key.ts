import { type ByteText, type Domain, parseDomain } from "@postern/smtp-filter";

/** RFC 5321 section 4.5.3.1.1. */
const MAX_LOCAL_PART = 64;

/**
 * The address of an author as a key: without `+extension`, which its owner may choose anew for each message, in lower
 * case, and with every byte that is no plain one as `%40`.
 *
 * @returns undefined if the local part is longer than mail servers allow: such an author is known by domain only.
 */
export function authorKey(localPart: ByteText, domain: Domain): string | undefined {
  if (localPart.length > MAX_LOCAL_PART) return undefined;
  const plus = localPart.indexOf("+");
  const user = plus > 0 ? localPart.slice(0, plus) : localPart;
  const encoded = user.toLowerCase().replace(/[^!#$&'*/0-9=?^_`a-z{|}~.-]/g, encodeByte);
  return encoded === "" ? undefined : `${encoded}@${domain}`;
}

/** Reads an address, or a key that {@link authorKey} made. */
export function parseAuthorKey(text: string): string | undefined {
  const at = text.lastIndexOf("@");
  const domain = parseDomain(text.slice(at + 1));
  if (at < 1 || domain === undefined) return undefined;
  const bytes = text
    .slice(0, at)
    .replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return /[^\0-\xff]/.test(bytes) ? undefined : authorKey(bytes, domain);
}

function encodeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
