import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Config } from "../config/config-types.ts";
import { splitLines } from "../try/lines.ts";
import { resultJson } from "../try/result-json.ts";
import { tryCase } from "../try/try-case.ts";

/** A conversation with its message fits in one line of this size. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * `postern try --jsonl`: one conversation a line in, one result a line out, in the same order. A line that
 * cannot be read gives an error line, and the run goes on.
 *
 * @returns how many lines could not be read.
 */
export async function tryLines(
  config: Config,
  input: AsyncIterable<Uint8Array>,
  output: Writable,
): Promise<{ readonly badLines: number }> {
  let badLines = 0;
  let isRead = true;
  output.on("error", () => {
    isRead = false;
  });
  for await (const line of splitLines(input, MAX_LINE_BYTES)) {
    const result =
      line.kind === "too-long"
        ? { id: null, error: `Cannot read a line of more than ${line.limitBytes} bytes` }
        : await resultOf(line.bytes, config);
    if (result === undefined) continue;
    if ("error" in result) badLines += 1;
    const isFull = !output.write(`${JSON.stringify(result)}\n`);
    if (isFull && isRead) await drained(output);
    // Nobody reads any more: `| head` has seen enough.
    if (!isRead) break;
  }
  return { badLines };
}

/** Resolves when more can be written, or never can. */
async function drained(output: Writable): Promise<void> {
  await once(output, "drain").catch(() => {});
}

async function resultOf(
  bytes: Buffer,
  config: Config,
): Promise<Record<string, unknown> | undefined> {
  const text = bytes.toString("utf8");
  if (text.trim() === "") return undefined;
  let id: unknown = null;
  try {
    const value: unknown = JSON.parse(text);
    id = idOf(value);
    return resultJson(id, await tryCase(value, config));
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

function idOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "id" in value ? value.id : null;
}
