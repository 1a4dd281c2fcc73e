import type { Config } from "../config/config-types.ts";
import { type Daemon, startDaemon } from "../daemon/daemon.ts";
import { EXIT } from "../exit-code.ts";
import { runExpectations } from "../try/expectations.ts";
import { inOneLine } from "../wire-up.ts";

/** What `serve` needs of the process. */
export interface ServeOptions {
  /** Reads the configuration again. @throws {Error} if it cannot be used. */
  readonly load: () => Config;
  readonly write: (line: string) => void;
}

/**
 * `postern serve`: runs until SIGTERM or SIGINT. The first lets open sessions end, the second does not.
 *
 * @returns the exit code.
 */
export async function serve(config: Config, { load, write }: ServeOptions): Promise<number> {
  const announce = (text: string): void => write(`postern: ${text}`);
  let daemon: Daemon;
  try {
    daemon = await startDaemon(config, write);
  } catch (error) {
    announce(error instanceof Error ? error.message : String(error));
    return EXIT.unavailable;
  }
  greet(config, daemon, announce);

  const reload = async (): Promise<void> => {
    try {
      const next = load();
      const { failures } = await runExpectations(next);
      const own = failures.find(({ origin }) => origin === "own");
      if (own !== undefined) throw new Error(own.text);
      for (const { text } of failures) announce(`warning: ${text}`);
      daemon.reload(next);
      announce(`read ${next.file ?? "the defaults"} again`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      announce(`the old configuration stays: ${reason.replaceAll("\n", " | ")}`);
    }
  };
  process.on("SIGHUP", () => void reload());
  // A bug that nobody caught must not end the sessions that go well.
  process.on("uncaughtException", (error) => announce(`a failure of ours: ${inOneLine(error)}`));

  await stopSignal();
  announce("stopping: open sessions may go on for 20 s");
  const drained = daemon.drain();
  await Promise.race([drained, stopSignal()]);
  await daemon.stop();
  announce("stopped");
  return EXIT.ok;
}

function greet(config: Config, daemon: Daemon, announce: (text: string) => void): void {
  const { policy, file, stateIsSet, lists, listen } = config;
  for (const address of daemon.addresses) announce(`listening on ${address}`);
  announce(`policy ${policy.name}, mode ${policy.mode}, from ${file ?? "the defaults"}`);
  if (stateIsSet) announce("state is set, but nothing uses it yet: there is no store");
  if (lists.length > 0) announce("lists are set, but not asked yet");
  if (listen.exim.length > 0) announce("listen.exim is set, but not served yet");
  if (process.getuid?.() === 0)
    announce("still running as root: name a user to drop to with the key user");
  if (file === null) {
    announce("no configuration file; for Postfix, put these lines into main.cf:");
    announce(`  smtpd_milters = ${daemon.addresses.join(", ")}`);
    announce("  milter_default_action = accept");
  }
}

/** Resolves at the next SIGTERM or SIGINT. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
      resolve();
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
