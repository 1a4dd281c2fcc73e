const MAX_NAME_OCTETS = 253;
const MAX_LABEL_OCTETS = 63;

/**
 * The one spelling of a DNS name that answers are kept under: lower case, no final dot (RFC 4343 section 3).
 *
 * @returns undefined for the root and for what is not a DNS name (RFC 1035 section 2.3.4).
 */
export function canonicalName(text: string): string | undefined {
  const name = (text.endsWith(".") ? text.slice(0, -1) : text).replace(/[A-Z]+/g, (letters) =>
    letters.toLowerCase(),
  );
  if (name.length > MAX_NAME_OCTETS) return undefined;
  const labels = name.split(".");
  return labels.every((label) => label.length > 0 && label.length <= MAX_LABEL_OCTETS)
    ? name
    : undefined;
}
