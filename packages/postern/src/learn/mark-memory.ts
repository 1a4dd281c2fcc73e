import { createHash, randomInt } from "node:crypto";
import { type Row, VOUCHED_DAYS } from "@postern/filter-core";
import type { ByteText } from "@postern/smtp-filter";
import type { Change } from "@postern/state-store";

/** What a user says of a message. */
export type Mark = "spam" | "ham";

/** What a user has said of a message last, and what was learned from it. */
export interface Said {
  /** Which of his words on this message it is, from 1. */
  readonly turn: number;
  readonly mark: Mark;
  /** When, in days since 1970-01-01, in UTC. */
  readonly day: number;
  /** With which half-life it was written down. */
  readonly halfLifeDays: number;
  /** For which of the message's senders it counted, in their order. */
  readonly counted: readonly boolean[];
}

/** Marks count for so long after the message was judged, and are remembered for no longer. */
export const MARK_DAYS = 90;

/** Clocks of two hosts may differ by a day. */
const MEMORY_S = (MARK_DAYS + 2) * 86_400;

/**
 * The row that remembers what a user has said of a message.
 *
 * @param user as the mail server names him, whatever the case; null: nobody was named, and all such are one.
 */
export function memoryKey(id: string, user: ByteText | null): string {
  if (user === null) return `mark:${id}`;
  const digest = createHash("sha256").update(user.toLowerCase(), "latin1").digest("hex");
  return `mark:${id}:${digest.slice(0, 32)}`;
}

/** @returns undefined if nothing was said yet. */
export function lastSaid(row: Row | undefined): Said | undefined {
  let turn = 0;
  while (row?.[`said${turn + 1}`] !== undefined) turn += 1;
  return turn === 0 ? undefined : unpack(turn, row?.[`said${turn}`] ?? 0);
}

/** A word on its way into the store. */
export interface Claim {
  readonly change: Change;
  /** Whether it was this word that the row took for its turn, and not one that another process said at the same time. */
  isTakenBy(row: Row | undefined): boolean;
}

/** Claims the turn of a word: the row takes the first that comes. */
export function claimTurn(key: string, said: Said): Claim {
  const by = randomInt(2 ** 48 - 1);
  const name = `by${said.turn}`;
  return {
    change: {
      key,
      setOnce: { [name]: by, [`said${said.turn}`]: pack(said) },
      // It must outlive a flood of new senders: without it the message could be marked again.
      max: { days: VOUCHED_DAYS },
      day: said.day,
      ttlSeconds: MEMORY_S,
      rank: "proven",
    },
    isTakenBy: (row) => row?.[name] === by,
  };
}

/*
 * As one number, since a row has room for few: the day, the half-life (9 bits), spam or ham (1 bit), and from the lowest
 * bit on for whom it counted (16 bits).
 */
const COUNTED = 2 ** 16;
const HALF_LIFE = 2 ** 9;

function pack({ mark, day, halfLifeDays, counted }: Said): number {
  const bits = counted.reduce((sum, counts, at) => sum + (counts ? 2 ** at : 0), 0);
  return ((day * HALF_LIFE + halfLifeDays) * 2 + (mark === "spam" ? 1 : 0)) * COUNTED + bits;
}

function unpack(turn: number, packed: number): Said {
  const rest = Math.floor(packed / COUNTED);
  const dated = Math.floor(rest / 2);
  return {
    turn,
    mark: rest % 2 === 1 ? "spam" : "ham",
    day: Math.floor(dated / HALF_LIFE),
    halfLifeDays: dated % HALF_LIFE,
    counted: Array.from({ length: 16 }, (_, at) => Math.floor(packed / 2 ** at) % 2 === 1),
  };
}
