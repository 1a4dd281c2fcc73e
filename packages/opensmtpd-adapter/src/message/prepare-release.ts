import type { Buffer } from "node:buffer";
import type { Edit } from "@postern/smtp-filter";
import type { MessageSpool } from "../spool/message-spool.ts";
import { HeaderEdits, hasSpamMark } from "./header-edits.ts";
import { Release } from "./release.ts";

export interface PrepareOptions {
  readonly maxPayloadBytes: number;
  /** None: it goes back as it came. */
  readonly edits: readonly Edit[];
  /** It was not held whole, and is refused. */
  readonly isIncomplete: boolean;
  /** Told of insertions whose name is none. */
  readonly onDropped: (name: string) => void;
}

/**
 * Gets a held message ready to be sent back.
 *
 * @throws {Error} if the spool cannot be read.
 */
export function prepareRelease(
  spool: MessageSpool,
  prefix: Buffer,
  { maxPayloadBytes, edits: given, isIncomplete, onDropped }: PrepareOptions,
): Release {
  // An inserted line may get a dot.
  const edits =
    given.length === 0
      ? null
      : new HeaderEdits(given, maxPayloadBytes - 1, hasSpamMark(spool), onDropped);
  // Of what is refused for not being whole, nobody needs the rest: each line costs smtpd 20 µs (6.8).
  const maxBlocks = isIncomplete ? 1 : Number.POSITIVE_INFINITY;
  return new Release({ spool, prefix, maxPayloadBytes, edits, maxBlocks });
}
