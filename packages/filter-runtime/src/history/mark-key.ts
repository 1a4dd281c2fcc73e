import { createHmac, randomBytes } from "node:crypto";
import type { Row } from "@postern/filter-core";
import type { Clock } from "@postern/smtp-filter";
import type { HistoryStore } from "./store.ts";

/**
 * The secret that proves a field to be written by us (RFC 2104): 256 bits, known to those who share a store. It is in
 * the store and nowhere else, and is never shown.
 */
export interface MarkKey {
  readonly secret: Uint8Array;
  /** Eight hexadecimal digits by which it is named in public. */
  readonly name: string;
}

/** Where the store keeps it: a row that no command shows. */
export const MARK_KEY_ROW = "meta:mark-key";

/** @returns undefined if the row is not there, or not a key. */
export function readMarkKey(row: Row | undefined): MarkKey | undefined {
  const secret = Buffer.alloc(WORDS.length * 4);
  for (const [at, word] of WORDS.entries()) {
    const value = row?.[word];
    if (value === undefined || !Number.isInteger(value) || value < 0 || value > 0xffffffff)
      return undefined;
    secret.writeUInt32BE(value, at * 4);
  }
  return { secret, name: createHmac("sha256", secret).update("name").digest("hex").slice(0, 8) };
}

/** Rows hold numbers: eight of 32 bits. */
const WORDS = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"] as const;

/** A store that a key can be agreed upon in. @postern/state-store fits. */
export interface MarkKeyStore extends HistoryStore {
  read(keys: readonly string[], deadlineMs?: number): ReturnType<HistoryStore["read"]>;
  /** Resolves when what is queued is written, or cannot be for now. */
  flush(): Promise<void>;
}

/** The key of a store, kept there as long as somebody uses it. */
export interface MarkKeeper {
  /** undefined: not agreed upon yet, as the store did not answer. */
  current(): MarkKey | undefined;
  /** Resolves when the store was asked once. Never rejects. */
  agree(): Promise<void>;
}

/** No sender earns as much, so that none takes the row's place. */
const WORTH = { days: 1_000 } as const;
const TTL_S = 10 * 365 * 86_400;
const READ_DEADLINE_MS = 5_000;
/** A store that did not answer is asked again after this. */
const RETRY_MS = 5_000;
/** Where a store evicts all the same, as Redis may, the row is written again. */
const RENEW_MS = 3_600_000;

/**
 * Agrees upon a key with all that share the store: whoever writes first has made it. Needs no timer: it is looked after
 * when it is used.
 */
export function keepMarkKey(store: MarkKeyStore, clock: Clock): MarkKeeper {
  let key: MarkKey | undefined;
  let wanted: Row = rowOf(randomBytes(WORDS.length * 4));
  let agreeing: Promise<void> | undefined;
  let askedAtMs = Number.NEGATIVE_INFINITY;

  const ask = async (): Promise<void> => {
    askedAtMs = clock.nowMs();
    const day = Math.floor(clock.wallMs() / 86_400_000);
    store.write([
      { key: MARK_KEY_ROW, setOnce: wanted, max: WORTH, day, ttlSeconds: TTL_S, rank: "proven" },
    ]);
    await store.flush();
    const found = await store.read([MARK_KEY_ROW], READ_DEADLINE_MS);
    const row = found.kind === "found" ? found.rows.get(MARK_KEY_ROW) : undefined;
    const agreed = readMarkKey(row);
    if (agreed === undefined) return;
    key = agreed;
    wanted = rowOf(agreed.secret);
  };
  const agree = (): Promise<void> => {
    agreeing ??= ask().finally(() => {
      agreeing = undefined;
    });
    return agreeing;
  };

  return {
    agree,
    current() {
      if (clock.nowMs() - askedAtMs > (key === undefined ? RETRY_MS : RENEW_MS)) void agree();
      return key;
    },
  };
}

function rowOf(secret: Uint8Array): Row {
  const bytes = Buffer.from(secret);
  return Object.fromEntries(WORDS.map((word, at) => [word, bytes.readUInt32BE(at * 4)]));
}
