import { systemClock } from "@postern/filter-runtime";
import type { Config } from "../config/config-types.ts";
import { type Lesson, learnHeader } from "../learn/learn-header.ts";
import { type Mark, markMail } from "../learn/marks.ts";
import { tellDaemon } from "../learn/tell-daemon.ts";
import { openConfiguredDns } from "../wire-up.ts";
import { NoStoreError, openCommandStore } from "./command-store.ts";

/** What was learned, in words. */
export interface LearnReport {
  readonly text: string;
  /** `foreign`: the message has not come through us. */
  readonly outcome: "learned" | "foreign";
}

/** More than a mail server lets a header have. */
const MAX_HEADER_BYTES = 1 << 20;

/**
 * `postern learn spam|ham [MESSAGE]`: a user's word on a message we let in, for those who have proved to have sent it.
 * A running daemon is handed the header where it listens for marks; else the store is written here.
 *
 * @throws {NoStoreError} if there is no store that two processes can share, or it does not answer, or the daemon does not.
 */
export async function learn(
  mark: Mark,
  config: Config,
  input: AsyncIterable<Uint8Array>,
): Promise<LearnReport> {
  const header = await readHeader(input);
  const lesson =
    (await learnByDaemon(mark, config, header)) ?? (await learnHere(mark, config, header));
  if (lesson.outcome === "later") throw new NoStoreError(lesson.text);
  const outcome = lesson.outcome === "refused" ? "foreign" : "learned";
  return { outcome, text: `${lesson.text}\n` };
}

/** undefined: no daemon listens. */
async function learnByDaemon(
  mark: Mark,
  { listen }: Config,
  header: string,
): Promise<Lesson | undefined> {
  for (const { path } of listen.learn) {
    try {
      const lesson = await tellDaemon(path, mark, header);
      if (lesson !== undefined) return lesson;
    } catch (error) {
      throw new NoStoreError((error as Error).message, { cause: error });
    }
  }
  return undefined;
}

async function learnHere(mark: Mark, config: Config, header: string): Promise<Lesson> {
  const resolver = openConfiguredDns(config, () => {}, systemClock);
  try {
    return await learnHeader(mark, header, {
      config,
      resolver,
      async mark(mail, reputation) {
        await using store = await openCommandStore(config);
        return await markMail(store, mail, mark, reputation, today());
      },
    });
  } finally {
    resolver.close();
  }
}

/** Days since 1970-01-01, in UTC. */
function today(): number {
  return Math.floor(Date.now() / 86_400_000);
}

/** Up to the empty line; the rest is not needed. */
async function readHeader(input: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of input) {
    text += Buffer.from(chunk).toString("latin1");
    const end = /\r?\n\r?\n/.exec(text);
    if (end !== null) return text.slice(0, end.index);
    if (text.length > MAX_HEADER_BYTES) break;
  }
  return text;
}
