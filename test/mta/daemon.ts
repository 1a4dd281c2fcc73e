import { spawn } from "node:child_process";
import { once } from "node:events";
import { dieWithParent } from "./die-with-parent.ts";
import { LineLog } from "./line-log.ts";

/** How a daemon is started. */
export interface DaemonOptions {
  /** Added to this process's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** A line of stderr or stdout that says it is ready. Without it, a started process is ready. */
  readonly readyLine?: RegExp;
  /** Longest wait for `readyLine` and for the end after SIGTERM. Default: 10 s. */
  readonly timeoutMs?: number;
}

/** A running Node process, with what it printed. */
export interface Daemon {
  readonly pid: number;
  /** The lines of stderr and stdout so far, whole lines only. */
  lines(): readonly string[];
  /**
   * The first line that fits, past or future.
   * @throws {Error} with all lines, if there is none within `timeoutMs` (default 60 s) or it ended.
   */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** Sends a signal, such as SIGSTOP, SIGCONT or SIGHUP. */
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL when it does not end in time. Resolves with the exit code or the signal. */
  stop(): Promise<number | NodeJS.Signals>;
  /** Resolves when the process has ended, whoever ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts this Node with `argv` (Node's own options first) and waits until it is ready. It dies with
 * this process.
 * @throws {Error} with what it printed, if it does not become ready; it is then dead.
 */
export async function startDaemon(
  argv: readonly string[],
  options: DaemonOptions = {},
): Promise<Daemon> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const [command, args] = dieWithParent(process.execPath, argv);
  const child = spawn(command, args, {
    env: { ...process.env, ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  await once(child, "spawn");
  const log = new LineLog();
  child.stdout.on("data", log.collector());
  child.stderr.on("data", log.collector());
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("close", (code, signal) => {
      log.end();
      resolve(code ?? signal ?? 0);
    });
  });

  const stop = async () => {
    child.kill("SIGTERM");
    child.kill("SIGCONT"); // a stopped process would never see the other
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    const status = await ended;
    clearTimeout(timer);
    return status;
  };
  if (options.readyLine) {
    try {
      await log.waitFor(options.readyLine, timeoutMs);
    } catch (cause) {
      child.kill("SIGKILL");
      await ended;
      throw new Error(`Cannot start ${argv.join(" ")}`, { cause });
    }
  }
  return {
    pid: child.pid ?? -1,
    lines: () => log.lines,
    waitForLine: (pattern, limitMs = 60_000) => log.waitFor(pattern, limitMs),
    kill: (signal) => void child.kill(signal),
    stop,
    ended,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}
