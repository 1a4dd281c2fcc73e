import {
  isProved,
  MARK_KEY_ROW,
  readMarkKey,
  readSentClaim,
  type SentClaim,
} from "@postern/filter-runtime";
import type { StateStore } from "@postern/state-store";
import type { Config } from "../config/config-types.ts";
import { MARK_DAYS, type Mark } from "./mark-memory.ts";
import { type Marked, markMail, rowsOf } from "./marks.ts";
import type { MarkRequest } from "./wire.ts";

/** What became of a mark. */
export interface Lesson {
  /** `refused`: it need not be sent again. `later`: it could not be learned now. */
  readonly outcome: "learned" | "refused" | "later";
  /** One line, without its end. */
  readonly text: string;
}

/** A person waits, and no mail does. */
const READ_DEADLINE_MS = 5_000;

/**
 * Learns a user's word on a message we let in, for those who have proved to have sent it. Only a message whose
 * X-Postern has a proof by the key of the store is ours.
 *
 * @param openStore asked only for a message that may be ours.
 */
export async function learnHeader(
  { mark, user, header }: MarkRequest,
  openStore: () => Promise<StateStore>,
  { policy }: Pick<Config, "policy">,
  nowMs: number,
): Promise<Lesson> {
  const { reputation } = policy;
  if (reputation === undefined) return later(`the policy ${policy.name} learns nothing`);
  const read = readSentClaim(header);
  if (read.kind !== "claim")
    return refused(`Cannot learn from this message: ${REASONS[read.kind]}`);
  const { claim } = read;
  const { id, keys, isJunk } = claim;
  const mail = { id, keys, user, isJunk };
  const store = await openStore();
  const found = await store.read([MARK_KEY_ROW, ...rowsOf(mail)], READ_DEADLINE_MS);
  if (found.kind === "unavailable") return later(found.reason);
  const why = whyNot(claim, readMarkKey(found.rows.get(MARK_KEY_ROW)), nowMs);
  if (why !== undefined) return refused(`Cannot learn from message ${id}: ${why}`);
  if (keys.length === 0)
    return { outcome: "learned", text: `${id} has no authenticated sender: nothing learned` };
  return describe(id, mark, await markMail(store, found.rows, mail, mark, reputation, nowMs));
}

const REASONS = {
  "no-field": "it has no X-Postern, so it did not come through Postern",
  unproved:
    "its X-Postern has no proof: it is forged, or was written without a store or by an earlier version",
  malformed: "its X-Postern is not as Postern writes it",
} as const;

/** Why a message is not one to learn from; undefined: it is. */
function whyNot(
  claim: SentClaim,
  key: ReturnType<typeof readMarkKey>,
  nowMs: number,
): string | undefined {
  const { day, keyName } = claim;
  if (key === undefined || key.name !== keyName) {
    const has = key === undefined ? "has none" : `has ${key.name}`;
    return `it is proved by the key ${keyName}, and the store ${has}: mark it on the host that delivered it, or share one Redis; after a loss of the store only new mail can be marked`;
  }
  if (!isProved(key, claim))
    return "the proof in its X-Postern does not fit: it is forged, or was changed on the way";
  const age = Math.floor(nowMs / 86_400_000) - day;
  const date = new Date(day * 86_400_000).toISOString().slice(0, 10);
  if (age > MARK_DAYS) return `it came on ${date}, and marks count for ${MARK_DAYS} days`;
  // The clocks of two hosts may lie on both sides of midnight.
  if (age < -1) return `it came on ${date}, which is in the future: check the clock`;
  return undefined;
}

function describe(id: string, mark: Mark, marked: Marked): Lesson {
  switch (marked.kind) {
    case "unavailable":
      return later(marked.reason);
    case "already":
      return { outcome: "learned", text: `${id} was already learned as ${mark}` };
    case "over":
      return refused(
        `${id} is not learned as ${mark}: its senders have today's maximum of ${marked.cap} such marks`,
      );
    case "wavering":
      return refused(
        `${id} is not learned as ${mark}: its marks have changed ${marked.times} times`,
      );
    case "marked": {
      const { counted, over, isCorrection } = marked;
      const limits =
        over.length === 0 ? "" : `, not for ${over.join(" ")}: today's maximum is reached`;
      const reverted = isCorrection ? ", the opposite mark is reverted" : "";
      const names = counted.length === 0 ? "nobody" : counted.join(" ");
      return { outcome: "learned", text: `${id} ${mark} for ${names}${limits}${reverted}` };
    }
  }
}

function refused(text: string): Lesson {
  return { outcome: "refused", text };
}

function later(text: string): Lesson {
  return { outcome: "later", text };
}
