import { createHmac, timingSafeEqual } from "node:crypto";
import { IDENTITY_KINDS } from "@postern/filter-core";
import type { MarkKey } from "./mark-key.ts";
import { storeKey } from "./store-key.ts";

/** Who sent a delivered message, as far as that was proved: what a mark on it may be learned for. */
export interface Sent {
  /** Of the decision, 16 hexadecimal digits. */
  readonly id: string;
  /** When it was judged, in days since 1970-01-01, in UTC. */
  readonly day: number;
  /** As the store has them: `domain:example.com`, `address:192.0.2.1`. */
  readonly keys: readonly string[];
  /** Whether it was let in as junk, so that a mark as ham takes it out. */
  readonly isJunk: boolean;
}

/** What the X-Postern of a message says of that, and by what it is proved. */
export interface SentClaim extends Sent {
  readonly keyName: string;
  readonly proof: string;
}

/** What X-Postern of a message is. */
export type ReadClaim =
  | { readonly kind: "claim"; readonly claim: SentClaim }
  /** The message has no such field. */
  | { readonly kind: "no-field" }
  /** It has one without a proof. */
  | { readonly kind: "unproved" }
  /** Not as we write it. */
  | { readonly kind: "malformed" };

/** All the words of a proof together, in bytes: a client chooses some of the names. */
export const MAX_PROOF_BYTES = 1024;

/** A message has fewer proved senders. */
const MAX_KEYS = 16;

/** Ours is shorter, with all the rules there are; a longer one is not looked at. */
const MAX_FIELD_BYTES = 16_384;

/**
 * The words at the end of X-Postern by which a user's mark is later known to be about a message of ours:
 * `day=2026-11-24 domain=example.com address=192.0.2.1 key=0123abcd proof=...`. The proof is an HMAC-SHA-256 of 128
 * bits over the decision id, the day, whether it was junk, and the names. Signers that find no room in {@link MAX_PROOF_BYTES} are left out.
 */
export function proofWords(key: MarkKey, sent: Sent): readonly string[] {
  const keys = thatFit(sent.keys.slice(0, MAX_KEYS).map(storeKey));
  return [
    `day=${dateOf(sent.day)}`,
    ...keys.map(wordOf),
    `key=${key.name}`,
    `proof=${digestOf(key, { ...sent, keys })}`,
  ];
}

/** Whether the claim is ours. Takes the same time for every wrong proof. */
export function isProved(key: MarkKey, { proof, ...sent }: SentClaim): boolean {
  const expected = Buffer.from(digestOf(key, sent));
  const given = Buffer.from(proof);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * Reads the topmost X-Postern of a message; nothing of it is believed yet.
 *
 * @param header latin1, with any line ends; it ends at the first empty line.
 */
export function readSentClaim(header: string): ReadClaim {
  const [top = ""] = header.split(/(?:^|\r?\n)\r?\n/, 1);
  const field = top.split(/\r?\n(?![ \t])/).find((text) => /^x-postern[ \t]*:/i.test(text));
  if (field === undefined) return { kind: "no-field" };
  if (field.length > MAX_FIELD_BYTES) return { kind: "malformed" };
  const words = field
    .slice(field.indexOf(":") + 1)
    .split(/[ \t\r\n]+/)
    .flatMap((word) => {
      const [, name = "", value = ""] = /^([a-z]+)=([!-~]+)$/.exec(word) ?? [];
      return name === "" ? [] : [{ name, value }];
    });
  const named = (wanted: string): readonly string[] =>
    words.flatMap(({ name, value }) => (name === wanted ? [value] : []));
  if (named("proof").length + named("key").length === 0) return { kind: "unproved" };
  /** A word that is there twice is none. */
  const only = (wanted: string, shape: RegExp): string | undefined => {
    const [value, ...more] = named(wanted);
    return value !== undefined && more.length === 0 && shape.test(value) ? value : undefined;
  };
  const id = only("id", /^[0-9a-f]{16}$/);
  const date = only("day", /^\d{4}-\d\d-\d\d$/);
  const keyName = only("key", /^[0-9a-f]{8}$/);
  const proof = only("proof", /^[0-9a-f]{32}$/);
  const day = Date.parse(`${date}T00:00:00Z`) / 86_400_000;
  if (id === undefined || keyName === undefined || proof === undefined || !Number.isInteger(day))
    return { kind: "malformed" };
  const keys = words.flatMap(({ name, value }) => (KINDS.has(name) ? [`${name}:${value}`] : []));
  if (keys.length > MAX_KEYS) return { kind: "malformed" };
  const isJunk = only("action", /^[a-z]+$/) === "junk";
  return { kind: "claim", claim: { id, day, keys, isJunk, keyName, proof } };
}

const KINDS: ReadonlySet<string> = new Set(IDENTITY_KINDS);

function digestOf({ secret }: MarkKey, { id, day, keys, isJunk }: Sent): string {
  // None of the parts can hold a line end, and every key has a colon.
  const text = ["postern mark 1", id, day, ...(isJunk ? ["junk"] : []), ...keys].join("\n");
  return createHmac("sha256", secret).update(text).digest("hex").slice(0, 32);
}

/** All that are not of a signer have room in any case: two names, an address and its network. */
function thatFit(keys: readonly string[]): readonly string[] {
  const isSigner = (key: string): boolean => key.startsWith("dkim:");
  let room = MAX_PROOF_BYTES - FRAME_BYTES;
  for (const key of keys) if (!isSigner(key)) room -= key.length + 1;
  return keys.filter((key) => {
    if (!isSigner(key)) return true;
    if (key.length + 1 > room) return false;
    room -= key.length + 1;
    return true;
  });
}

/** Day, key and proof, with the blanks between. */
const FRAME_BYTES = "day=2026-11-24 key=01234567 proof=0123456789abcdef0123456789abcdef ".length;

/** `domain:example.com` as `domain=example.com`, like the other words of the field. */
function wordOf(key: string): string {
  return key.replace(":", "=");
}

/** As RFC 3339 has it. */
function dateOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}
