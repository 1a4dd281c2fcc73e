import { type Clock, systemClock } from "@postern/smtp-filter";
import type { Config } from "../config/config-types.ts";
import { type Daemon, startDaemon } from "../daemon/daemon.ts";
import { howToEnforce } from "../daemon/how-to-enforce.ts";
import { isInJournal, stampLines } from "../daemon/stamp-lines.ts";
import { watchFiles } from "../daemon/watch-files.ts";
import { EXIT } from "../exit-code.ts";
import { runExpectations } from "../try/expectations.ts";
import { inOneLine } from "../wire-up.ts";

/** What `serve` needs of the process. */
export interface ServeOptions {
  /** Reads the configuration again. @throws {Error} if it cannot be used. */
  readonly load: () => Promise<Config>;
  readonly write: (line: string) => void;
}

/**
 * `postern serve`: runs until SIGTERM or SIGINT. The first lets open sessions end, the second does not.
 *
 * @returns the exit code.
 */
export async function serve(
  config: Config,
  { load, write: writeLine }: ServeOptions,
): Promise<number> {
  const hasOwnTime = isInJournal(process.env);
  let active = config;
  const write = stampLines(writeLine, () => active.log.time ?? !hasOwnTime, systemClock);
  const announce = (text: string): void => write(`postern: ${text}`);
  if (Object.values(config.listen).every((listeners) => listeners.length === 0)) {
    announce(LISTENS_NOWHERE);
    return EXIT.config;
  }
  // For `pidof postern`: the main thread of node has a name of its own.
  process.title = "postern";
  // Node would open its debugger.
  process.on("SIGUSR1", () => announce("SIGUSR1: nothing to reopen, the log goes to stderr"));
  const started = Promise.withResolvers<Daemon>();
  // First of all: what changes from now on is not yet read.
  const current = await keepCurrent(config, {
    load,
    reload: async (next) => {
      await (await started.promise).reload(next);
      active = next;
    },
    announce,
    clock: systemClock,
  });
  let daemon: Daemon;
  try {
    daemon = await startDaemon(config, write);
    started.resolve(daemon);
  } catch (error) {
    current.stop();
    announce(messageOf(error));
    return EXIT.unavailable;
  }
  // Whoever reads that it listens may stop it, or have it read again, at once.
  const stopped = stopSignal();
  process.on("SIGHUP", () => void current.reload(null));
  greet(config, daemon, announce);

  // An uncaught exception must not end healthy sessions.
  process.on("uncaughtException", (error) => announce(`an internal error: ${inOneLine(error)}`));

  await stopped;
  current.stop();
  announce("stopping: open sessions have 20 s to end");
  const drained = daemon.drain();
  await Promise.race([drained, stopSignal()]);
  await daemon.stop();
  announce("stopped");
  return EXIT.ok;
}

/** A daemon that nobody can ask. */
const LISTENS_NOWHERE =
  "listen names no socket, so no mail server can connect: add one, such as listen: { milter: inet:127.0.0.1:8891 } or listen: { exim: inet:127.0.0.1:8892 }";

/** What reads a configuration again, and puts it in the place of the old one. */
export interface Reloading {
  /** @throws {Error} if the configuration cannot be used. */
  readonly load: () => Promise<Config>;
  readonly reload: (next: Config) => Promise<void>;
  readonly announce: (text: string) => void;
  readonly clock: Pick<Clock, "after">;
}

/**
 * Reads the configuration again when it is told to, and when a file of entries has changed. What cannot be used, or has
 * an example of its own that fails, changes nothing, and is told once for each change.
 */
export async function keepCurrent(
  config: Config,
  { load, reload, announce, clock }: Reloading,
): Promise<Current> {
  let { watchedFiles: files } = config;
  const readAgain = async (changed: string | null): Promise<void> => {
    try {
      await watch.refresh();
      const next = await load();
      const { watchedFiles: nextFiles } = next;
      await watch.follow([...files, ...nextFiles]);
      const { failures } = await runExpectations(next);
      const own = failures.find(({ origin }) => origin === "own");
      if (own !== undefined) throw new Error(own.text);
      for (const { text } of failures) announce(`warning: ${text}`);
      await reload(next);
      files = nextFiles;
      await watch.follow(files);
      const why = changed === null ? "" : `: ${changed} has changed`;
      announce(`read ${next.file ?? "the defaults"} again${why}`);
    } catch (error) {
      const what = changed === null ? "" : `${changed} has changed, but `;
      announce(`${what}the old configuration stays: ${messageOf(error).replaceAll("\n", " | ")}`);
    }
  };
  let last = Promise.resolve();
  const inTurn = (changed: string | null): Promise<void> => {
    last = last.then(() => readAgain(changed));
    return last;
  };
  const watch = watchFiles(async (change) => {
    if (change.kind === "changed") await inTurn(change.path);
    else announce(`${change.path} ${change.why}: its previous entries stay in use`);
  }, clock);
  await watch.follow(files);
  return { reload: inTurn, stop: watch.stop };
}

/** A configuration that is kept current. Never rejects. */
export interface Current {
  /** @param changed the file that is the reason; null: somebody asked for it. */
  reload(changed: string | null): Promise<void>;
  stop(): void;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function greet(config: Config, { fronts }: Daemon, announce: (text: string) => void): void {
  const { policy, file } = config;
  for (const { address, protocol } of fronts)
    announce(`listening on ${address} (${FRONTS[protocol]})`);
  announce(`policy ${policy.name}, mode ${policy.mode}, from ${file ?? "the defaults"}`);
  for (const text of howToEnforce(config)) announce(text);
  if (process.getuid?.() === 0)
    announce("still running as root: set user to the account to drop privileges to");
  if (file === null) {
    announce("no configuration file; for Postfix, put these lines into main.cf:");
    announce(`  smtpd_milters = ${fronts.map(({ address }) => address).join(", ")}`);
    announce("  milter_default_action = accept");
  }
}

/** Who speaks each protocol. */
const FRONTS = {
  milter: "milter, for Postfix and Sendmail",
  exim: "for Exim and notqmail",
  learn: "postern learn",
} as const;

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
