import { Buffer } from "node:buffer";

/**
 * The bytes of base64url (RFC 4648 section 5), with or without `=`, one character for each.
 *
 * @returns undefined if it is none.
 */
export function decodeBase64url(text: string): string | undefined {
  const [, digits = "", padding = ""] = /^([A-Za-z0-9_-]*)(={0,2})$/.exec(text) ?? [text, text];
  if (digits.length % 4 === 1 || !/^[A-Za-z0-9_-]*$/.test(digits)) return undefined;
  if (padding !== "" && (digits.length + padding.length) % 4 !== 0) return undefined;
  return Buffer.from(digits, "base64url").toString("latin1");
}
