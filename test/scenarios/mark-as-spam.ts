import { Readable } from "node:stream";
import { learn } from "../../packages/postern/src/commands/learn.ts";
import { loadConfig } from "../../packages/postern/src/config/load.ts";

/**
 * Users mark so many messages like this one as spam, each with a decision id of its own, as `postern learn spam` does.
 *
 * @param delivered as the next hop got it.
 * @param file the postern.yaml that the filter uses.
 */
export async function markAsSpam(delivered: Buffer, times: number, file: string): Promise<void> {
  const config = await loadConfig({ file, cwd: "/", systemFile: null, hostname: "mx.example.org" });
  for (let i = 0; i < times; i += 1) {
    const id = i.toString(16).padStart(16, "0");
    const text = delivered.toString("latin1").replace(/ id=[0-9a-f]{16} /, ` id=${id} `);
    const { outcome, text: said } = await learn(
      "spam",
      config,
      Readable.from([Buffer.from(text, "latin1")]),
    );
    if (outcome !== "learned") throw new Error(said);
  }
}
