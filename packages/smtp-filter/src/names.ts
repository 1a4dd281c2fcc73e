declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A DNS name: lower case A-labels, no trailing dot. Made only by {@link parseDomain}. */
export type Domain = Brand<string, "Domain">;

/**
 * Text as a client sent it: one character for each byte (latin1), so that nothing is lost or guessed.
 * Whoever prints it encodes it for the place.
 */
export type ByteText = string;

/** An address in an SMTP envelope. Made only by {@link parseMailbox}. */
export interface Mailbox {
  /** As the client wrote it, without the outer angle brackets. */
  readonly text: ByteText;
  /** What stands before the last `@`; all of it where there is none (`postmaster`). */
  readonly localPart: ByteText;
  /** What stands after the last `@`, where that is a DNS name. */
  readonly domain: Domain | null;
}

/** MAIL FROM: a mailbox, or the null sender `<>` of bounces (RFC 5321 section 4.5.5). */
export type ReversePath = Mailbox | "null-sender";

const LABEL = /^(?!-)[a-z0-9_-]{1,63}$/;

/**
 * Parses a domain name as written by a remote host or an administrator. Underscores are legal in the DNS.
 *
 * @returns the canonical form, or undefined if `text` is not a name of at most
 *   253 octets made of LDH labels (RFC 5321 section 4.1.2, RFC 1035 section 2.3.4).
 */
export function parseDomain(text: string): Domain | undefined {
  const name = text.endsWith(".") ? text.slice(0, -1).toLowerCase() : text.toLowerCase();
  if (name.length === 0 || name.length > 253) return undefined;
  return name.split(".").every((label) => LABEL.test(label) && !label.endsWith("-"))
    ? (name as Domain)
    : undefined;
}

/**
 * Reads an envelope address. Total: what an MTA let through is a mailbox, however odd.
 * One outer pair of angle brackets goes; nothing else is interpreted (no source routes, no unquoting).
 */
export function parseMailbox(text: ByteText): Mailbox {
  const bare = withoutBrackets(text);
  const at = bare.lastIndexOf("@");
  if (at === -1) return { text: bare, localPart: bare, domain: null };
  return {
    text: bare,
    localPart: bare.slice(0, at),
    domain: parseDomain(bare.slice(at + 1)) ?? null,
  };
}

/** Reads the argument of MAIL FROM. `<>` and the empty string (Postfix, local mail) are the null sender. */
export function parseReversePath(text: ByteText): ReversePath {
  const mailbox = parseMailbox(text);
  return mailbox.text === "" ? "null-sender" : mailbox;
}

function withoutBrackets(text: string): string {
  return text.startsWith("<") && text.endsWith(">") ? text.slice(1, -1) : text;
}
