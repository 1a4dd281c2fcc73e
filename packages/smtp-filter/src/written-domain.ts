import { domainToASCII } from "node:url";
import { type ByteText, type Domain, parseDomain } from "./names.ts";

/**
 * A domain as a client wrote it: LDH labels, or U-labels in UTF-8 (RFC 6531), which become A-labels.
 *
 * @returns undefined for what is not a DNS name: an address literal, an empty label, bytes that are no UTF-8.
 */
export function parseWrittenDomain(bytes: ByteText): Domain | undefined {
  // domainToASCII is of browsers: it would take 0x7f.1 for an address and %41 for A.
  if (/^[\x21-\x7e]*$/.test(bytes)) return parseDomain(bytes);
  const text = Buffer.from(bytes, "latin1").toString("utf8");
  if (/[\s%/\\@:[\]?#\ufffd]/u.test(text)) return undefined;
  return parseDomain(domainToASCII(text));
}
