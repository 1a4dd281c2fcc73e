import type { MailParts } from "./parts.ts";
import { bodyHash, type SignOptions, signMessage, testKey } from "./sign.ts";

/** What a hostile message is after: `dmarc-for-victim` is a DMARC pass for {@link VICTIM}, `dmarc` one for anybody. */
type Claim = "dkim" | "arc" | "dmarc" | "dmarc-for-victim";

export interface HostileMessage {
  /** Stable, as `from.two-fields`. */
  readonly id: string;
  readonly description: string;
  /** Empty where only time and memory are at stake. */
  readonly mustNotPass: readonly Claim[];
  /** How many Authentication-Results fields pretend to be of {@link AUTHSERV_ID} and have to go; default 0. */
  readonly forgedResults?: number;
  readonly make: () => MailParts;
}

/** Who is pretended to be the author. Its own key signs what it sent itself. */
export const VICTIM = "example.com";
/** Who sends, with a valid key. */
export const ATTACKER = "attack.example";
/** The host that receives. */
export const AUTHSERV_ID = "mx.example.org";
/** s= of all signatures. */
export const SELECTOR = "s";

/** The TXT record of a name, as its owner publishes it: both domains ask for p=reject, all other domains have a key. */
export function hostileRecord(name: string): string | undefined {
  if (name === `_dmarc.${VICTIM}` || name === `_dmarc.${ATTACKER}`) return "v=DMARC1; p=reject";
  if (name === `${SELECTOR}._domainkey.${ATTACKER}`) return testKey("ed25519").record;
  if (name.startsWith(`${SELECTOR}._domainkey.`)) return testKey("rsa-2048").record;
  return undefined;
}

/** The fields of a plain message, by name; null leaves one out. */
export function message(
  body: string,
  fields: Readonly<Record<string, string | null>> = {},
): string {
  const all = {
    From: `Ann <ann@${VICTIM}>`,
    To: "bob@example.org",
    Subject: "Hello",
    Date: "Tue, 24 Nov 2026 12:00:00 +0000",
    "Message-ID": `<1@${VICTIM}>`,
    ...fields,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value}\r\n`],
  );
  return `${lines.join("")}\r\n${body}`;
}

/** Signed by the victim's own server. */
export function signedByVictim(text: string, more: Partial<SignOptions> = {}): string {
  const key = testKey("rsa-2048");
  return signMessage(text, { domain: VICTIM, selector: SELECTOR, key, ...more });
}

/** Signed by the attacker, validly. */
export function signedByAttacker(text: string, more: Partial<SignOptions> = {}): string {
  const key = testKey("ed25519");
  return signMessage(text, { domain: ATTACKER, selector: SELECTOR, key, ...more });
}

/** A number below the modulus: verifying it costs as much as verifying a true signature. */
const FORGED_B = Buffer.alloc(256, 7).toString("base64");

/** What follows `DKIM-Signature:`: well-formed tags and a signature that nobody made. */
export function forgedSignature(domain: string, body: string, more = ""): string {
  const [algorithm, canonicalization] = ["rsa-sha256", "relaxed/relaxed"] as const;
  const bh = bodyHash(body, { algorithm, canonicalization });
  return ` v=1; a=${algorithm}; c=${canonicalization}; d=${domain}; s=${SELECTOR};${more} h=From:Subject; bh=${bh}; b=${FORGED_B}`;
}
