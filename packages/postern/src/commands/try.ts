import { systemClock } from "@postern/smtp-filter";
import type { Config } from "../config/config-types.ts";
import { UsageError } from "../exit-code.ts";
import { explain } from "../try/explain.ts";
import { restsOn } from "../try/explain-state.ts";
import { openKnownState, unknownState } from "../try/known-state.ts";
import { resultJson } from "../try/result-json.ts";
import { tryCase } from "../try/try-case.ts";
import type { Inputs } from "./inputs.ts";

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
  readonly fresh?: boolean;
}

/**
 * `postern try`: one conversation, judged by what the daemon knows, as far as it can be read; in words, or as JSON.
 *
 * @throws {UsageError} where the options or files cannot be read.
 */
export async function tryOne(
  config: Config,
  options: TryOptions,
  messageFile: string | undefined,
  inputs: Inputs,
): Promise<string> {
  const { ip, helo, from, rcpt, auth, tls, dns, json, fresh } = options;
  if (ip === undefined) throw new UsageError("missing option: --ip, the address of the client");

  const script = dns === undefined ? undefined : await readZone(dns, inputs);
  const message =
    messageFile === undefined ? undefined : await inputs.read(messageFile, "the message");
  const value = {
    client: { ip, ...(auth === undefined ? {} : { auth }), ...(tls === true ? { tls } : {}) },
    ...(helo === undefined ? {} : { helo }),
    ...(from === undefined ? {} : { from }),
    ...(rcpt === undefined ? {} : { rcpt }),
    ...(message === undefined ? {} : { messageBase64: message.toString("base64") }),
    ...(script === undefined ? {} : { dns: script }),
  };
  try {
    await using known =
      fresh === true
        ? unknownState(config.state, "left out by --fresh")
        : await openKnownState(config, systemClock);
    const result = await tryCase(value, config, known.history);
    const state = known.report();
    return json === true
      ? `${JSON.stringify({ ...resultJson(undefined, result), state }, null, 2)}\n`
      : explain(result, config, restsOn(config, state, systemClock.wallMs()));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError)
      throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

async function readZone(file: string, inputs: Inputs): Promise<unknown> {
  const bytes = await inputs.read(file, "--dns");
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot read the DNS of ${file}: ${reason}`, { cause: error });
  }
}
