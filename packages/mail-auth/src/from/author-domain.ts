import { domainToUnicode } from "node:url";
import type { ByteText, Domain } from "@postern/smtp-filter";
import { parseWrittenDomain } from "@postern/smtp-filter";

/** 253 octets of A-labels are never more bytes of UTF-8, whose conversion takes quadratic time. */
const MAX_BYTES = 1_024;

/**
 * The domain of an author: LDH labels, or U-labels in UTF-8 (RFC 6532). Stricter than a browser, which takes
 * `ａ。b` for `a.b` and skips what is invisible: a reader may show that as another name than the one we check.
 *
 * @returns undefined for what is not a DNS name, a final dot, and A-labels that stand for nothing (RFC 5891
 *   section 5.4).
 */
export function parseAuthorDomain(bytes: ByteText): Domain | undefined {
  if (bytes.length > MAX_BYTES || bytes.endsWith(".")) return undefined;
  const name = parseWrittenDomain(bytes);
  if (name === undefined) return undefined;
  const written = Buffer.from(bytes, "latin1").toString("utf8").split(".");
  const labels = name.split(".");
  const isSame = (label: string, nth: number) => isLabelFor(label, written[nth] ?? "");
  return labels.length === written.length && labels.every(isSame) ? name : undefined;
}

/** Whether the label of the DNS says what was written, but for case and the order of accents. */
function isLabelFor(label: string, written: string): boolean {
  if (!label.startsWith("xn--")) return label === written.toLowerCase();
  const shown = domainToUnicode(label);
  if (shown === "" || shown.startsWith("xn--")) return false;
  const plain = written.normalize("NFC").toLowerCase();
  return plain === label || plain === shown;
}
