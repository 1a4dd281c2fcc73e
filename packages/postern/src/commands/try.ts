import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import type { Config } from "../config/config-types.ts";
import { UsageError } from "../exit-code.ts";
import { explain } from "../try/explain.ts";
import { resultJson } from "../try/result-json.ts";
import { tryCase } from "../try/try-case.ts";

/** The options of `postern try`, as the command line gives them. */
export interface TryOptions {
  readonly ip?: string;
  readonly helo?: string;
  readonly from?: string;
  readonly rcpt?: readonly string[];
  readonly auth?: string;
  readonly tls?: boolean;
  readonly dns?: string;
  readonly json?: boolean;
}

/**
 * `postern try`: one conversation, judged; in words, or as JSON.
 *
 * @throws {UsageError} where the options or files cannot be read.
 */
export async function tryOne(
  config: Config,
  options: TryOptions,
  messageFile: string | undefined,
  stdin: NodeJS.ReadableStream,
): Promise<string> {
  const { ip, helo, from, rcpt, auth, tls, dns, json } = options;
  if (ip === undefined) throw new UsageError("Cannot try without --ip: whose mail is it?");
  const message = messageFile === undefined ? undefined : await readMessage(messageFile, stdin);
  const value = {
    client: { ip, ...(auth === undefined ? {} : { auth }), ...(tls === true ? { tls } : {}) },
    ...(helo === undefined ? {} : { helo }),
    ...(from === undefined ? {} : { from }),
    ...(rcpt === undefined ? {} : { rcpt }),
    ...(message === undefined ? {} : { messageBase64: message.toString("base64") }),
    ...(dns === undefined ? {} : { dns: await readZone(dns) }),
  };
  try {
    const result = await tryCase(value, config);
    return json === true
      ? `${JSON.stringify(resultJson(undefined, result), null, 2)}\n`
      : explain(result, config);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError)
      throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

async function readMessage(file: string, stdin: NodeJS.ReadableStream): Promise<Buffer> {
  try {
    return file === "-" ? await buffer(stdin) : await readFile(file);
  } catch (error) {
    throw new UsageError(`Cannot read the message ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

async function readZone(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new UsageError(`Cannot read the DNS of ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
