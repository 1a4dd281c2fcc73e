import { Readable } from "node:stream";
import { learn } from "../../packages/postern/src/commands/learn.ts";
import { loadConfig } from "../../packages/postern/src/config/load.ts";

/**
 * So many users mark this message as spam, as `postern learn spam --user NAME` does; one of them twice, which counts once.
 *
 * @param delivered as the next hop got it.
 * @param file the postern.yaml that the filter uses.
 */
export async function markAsSpam(delivered: Buffer, users: number, file: string): Promise<void> {
  const config = await loadConfig({ file, cwd: "/", systemFile: null, hostname: "mx.example.org" });
  for (let at = 0; at <= users; at += 1) {
    const said = { mark: "spam", user: `user${at % users}@example.org` } as const;
    const { outcome, text } = await learn(said, config, Readable.from([delivered]));
    const isAgain = text.endsWith(" was already learned as spam\n");
    if (outcome !== "learned" || isAgain !== (at === users)) throw new Error(text);
  }
}
