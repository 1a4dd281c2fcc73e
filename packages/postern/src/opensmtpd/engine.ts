import { hostname } from "node:os";
import { createOpen } from "@postern/filter-runtime";
import { type EngineServer, serveEngine } from "@postern/opensmtpd-adapter";
import { type Connection, type Open, systemClock } from "@postern/smtp-filter";
import { keepCurrent } from "../commands/serve.ts";
import type { Config } from "../config/config-types.ts";
import { loadConfig, SYSTEM_FILE } from "../config/load.ts";
import { localFileFor, whyLeft } from "../config/local-file.ts";
import { stateFolderOf } from "../config/state-folder.ts";
import { howToEnforce } from "../daemon/how-to-enforce.ts";
import { type LiveSettings, openLiveSettings } from "../daemon/live-settings.ts";
import { stampLines } from "../daemon/stamp-lines.ts";
import { inOneLine } from "../wire-up.ts";
import { readFilterOptions } from "./options.ts";

/*
 * The engine of `postern opensmtpd`: judges what the shim hands over. It may end; the shim starts it again. Where the
 * configuration cannot be used it lets everything pass, says why, and tries again at SIGHUP.
 */

// smtpd writes what we say into its own log, which has times.
const write = stampLines(
  (line) => process.stderr.write(`${line}\n`),
  () => lastConfig?.log.time ?? false,
  systemClock,
);
const announce = (text: string): void => write(`postern: ${text}`);
const options = readFilterOptions(process.argv.slice(2));

/** The file found first is the one read again, whatever else the search would find by then. */
let found: string | null = null;
const localFile = localFileFor(process.geteuid?.());
const load = (): Promise<Config> =>
  loadConfig({
    file: found ?? (options.kind === "good" ? options.file : undefined),
    cwd: process.cwd(),
    systemFile: SYSTEM_FILE,
    localFile,
    hostname: hostname(),
    stateFolder: stateFolderOf(process.env),
    // A filter without a configuration file only observes.
    modeWithoutFile: "observe",
  });

let lastConfig: Config | undefined;
let live: LiveSettings | undefined;
let judge: Open | undefined;
let engine: EngineServer | undefined;
let onFailure: Config["onFailure"] = "accept";

const use = async (config: Config): Promise<void> => {
  lastConfig = config;
  if (live === undefined) {
    live = openLiveSettings(config, write);
    await Promise.all([live.openStore(), live.startDns()]);
    judge = createOpen(live.current);
  } else {
    await live.reload(config);
  }
  onFailure = config.onFailure;
  engine?.configure({ onFailure });
};

const begin = async (): Promise<void> => {
  const isSearched = options.kind === "good" && options.file === undefined && found === null;
  const left = isSearched && localFile === "leave" ? whyLeft(process.cwd(), SYSTEM_FILE) : null;
  if (left !== null) announce(left);
  const config = await load();
  found = config.file;
  const current = await keepCurrent(config, { load, reload: use, announce, clock: systemClock });
  await use(config);
  process.off("SIGHUP", beginAgain);
  process.on("SIGHUP", () => void current.reload(null));
  const { policy, file: read } = config;
  announce(`policy ${policy.name}, mode ${policy.mode}, from ${read ?? "the defaults"}`);
  for (const text of howToEnforce(config)) announce(text);
};

const tryToBegin = async (): Promise<void> => {
  // Who mistypes an option would else be judged by another file than he names; to end would end smtpd.
  if (options.kind === "mistake") {
    announce(`nothing is judged until the filter line in smtpd.conf is corrected: ${options.text}`);
    return;
  }
  try {
    await begin();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    announce(
      `nothing is judged until the configuration is corrected: ${why.replaceAll("\n", " | ")}`,
    );
  }
};
const beginAgain = (): void => void tryToBegin();

process.title = "postern-engine";
process.on("SIGHUP", beginAgain);
// Node would open its debugger.
process.on("SIGUSR1", () => announce("SIGUSR1: there is nothing to reopen, the log is stderr"));
// A shim that is gone reads no more of what we say; to say so would only fail again.
process.stderr.on("error", () => {});
process.on("uncaughtException", (error) => announce(`an internal error: ${inOneLine(error)}`));
// What the shim has to ask waits until we can answer it.
await tryToBegin();
engine = serveEngine((client) => judge?.(client) ?? letPass(), {
  onFailure,
  onError: (error) => announce(`an internal error: ${inOneLine(error)}`),
});
await engine.ended;
// What was learned is still written, as far as the shim waits.
await live?.close().catch((error: unknown) => announce(`an internal error: ${inOneLine(error)}`));
process.exit(0);

/** A connection that nothing is said of. */
function letPass(): Connection {
  const proceed = { kind: "continue" } as const;
  const passed = { kind: "deliver", edits: [] } as const;
  return {
    greet: async () => proceed,
    hello: async () => proceed,
    secured() {},
    misspoke() {},
    authenticated() {},
    mail: async () => ({
      answer: proceed,
      transaction: {
        rcpt: async () => proceed,
        outcome() {},
        message: () => ({
          begun: async () => {},
          header() {},
          body: () => "enough",
          end: async () => passed,
        }),
        ended() {},
      },
    }),
    close() {},
  };
}
