import { decodeBase64url } from "./base64url.ts";
import { ProtocolError } from "./protocol-error.ts";

const KEYS = [
  "session",
  "ip",
  "port",
  "lip",
  "lport",
  "helo",
  "tls",
  "auth",
  "from",
  "rcpt",
  "rcpts",
  "mta",
  "id",
] as const;

/** What a request can say; PROTOCOL.md has the meanings. */
export type Key = (typeof KEYS)[number];

/** Values as their bytes, one character for each; a key that is absent is undefined. */
export type Keys = ReadonlyMap<Key, string>;

/** A line of one question holds less; only the recipients of a whole message may be more. */
const MAX_VALUE_BYTES = 8192;

/**
 * Reads `ip=<base64url> helo=<base64url> ...`. A key that nobody knows is skipped.
 *
 * @throws {ProtocolError} if a word is no key with a value, a value is not base64url, or a key comes twice.
 */
export function decodeKeys(text: string): Keys {
  const keys = new Map<Key, string>();
  const seen = new Set<string>();
  for (const word of text.split(" ")) {
    if (word === "") continue;
    const equals = word.indexOf("=");
    if (equals < 1) throw new ProtocolError("Cannot read a word: it has no key");
    const key = word.slice(0, equals);
    if (seen.has(key)) throw new ProtocolError("Cannot read a key that comes twice");
    seen.add(key);
    if (!isKey(key)) continue;
    const value = decodeBase64url(word.slice(equals + 1));
    if (value === undefined) throw new ProtocolError(`Cannot read ${key}: not base64url`);
    if (value.length > MAX_VALUE_BYTES && key !== "rcpts")
      throw new ProtocolError(
        `Cannot read ${key} of ${value.length} bytes: allowed are ${MAX_VALUE_BYTES}`,
      );
    keys.set(key, value);
  }
  return keys;
}

function isKey(text: string): text is Key {
  return (KEYS as readonly string[]).includes(text);
}
