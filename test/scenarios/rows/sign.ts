import { type SignOptions, signMessage, testKey } from "@postern/mail-auth/testing";

const rsa = testKey("rsa-2048");
const ed25519 = testKey("ed25519");

/** The keys that the signatures of the table need, in the DNS. */
export const keys = {
  "s._domainkey.example.com": { TXT: [rsa.record] },
  "ed._domainkey.example.com": { TXT: [ed25519.record] },
  "s._domainkey.list.example": { TXT: [ed25519.record] },
} as const;

/**
 * A message as {@link mail} writes it, LF and UTF-8, signed: example.com with RSA unless said otherwise. What is
 * signed has CRLF line ends, as it comes over SMTP.
 */
export function signed(message: string, options: Partial<SignOptions> = {}): string {
  const wire = Buffer.from(message.replaceAll("\n", "\r\n"), "utf8").toString("latin1");
  const key = options.selector === "ed" || options.domain === "list.example" ? ed25519 : rsa;
  const done = signMessage(wire, { domain: "example.com", selector: "s", key, ...options });
  return Buffer.from(done, "latin1").toString("utf8").replaceAll("\r\n", "\n");
}
