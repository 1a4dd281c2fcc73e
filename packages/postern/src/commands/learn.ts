import type { StateStore } from "@postern/state-store";
import type { Config } from "../config/config-types.ts";
import { type Lesson, learnHeader } from "../learn/learn-header.ts";
import { tellDaemon } from "../learn/tell-daemon.ts";
import type { MarkRequest } from "../learn/wire.ts";
import { NoStoreError, openCommandStore } from "./command-store.ts";

/** What was learned, in words. */
export interface LearnReport {
  readonly text: string;
  /** `refused`: not a message to learn from, or no more of it counts. */
  readonly outcome: "learned" | "refused";
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
  said: Omit<MarkRequest, "header">,
  config: Config,
  input: AsyncIterable<Uint8Array>,
): Promise<LearnReport> {
  const request = { ...said, header: await readHeader(input) };
  const lesson = (await learnByDaemon(request, config)) ?? (await learnHere(request, config));
  if (lesson.outcome === "later") throw new NoStoreError(lesson.text);
  return { outcome: lesson.outcome, text: `${lesson.text}\n` };
}

/** undefined: no daemon listens. */
async function learnByDaemon(
  request: MarkRequest,
  { listen }: Config,
): Promise<Lesson | undefined> {
  for (const { path } of listen.learn) {
    try {
      const lesson = await tellDaemon(path, request);
      if (lesson !== undefined) return lesson;
    } catch (error) {
      throw new NoStoreError((error as Error).message, { cause: error });
    }
  }
  return undefined;
}

async function learnHere(request: MarkRequest, config: Config): Promise<Lesson> {
  await using opened = new AsyncDisposableStack();
  const openStore = async (): Promise<StateStore> => opened.use(await openCommandStore(config));
  return await learnHeader(request, openStore, config, Date.now());
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
