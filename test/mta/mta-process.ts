import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheDirectory } from "./cache-directory.ts";
import { dieWithParent } from "./die-with-parent.ts";
import type { MtaName } from "./fetch-packages.ts";
import { LineLog } from "./line-log.ts";
import { isListening, listProcesses, mountNamespace, processesOf } from "./processes.ts";

/** One mail server of its own. */
export interface MtaProcessOptions {
  readonly mta: MtaName;
  /** An empty directory: its configuration, queue and /run. Without blank, comma and colon. */
  readonly instanceDir: string;
  /** Texts by their path below its etc. */
  readonly files: Readonly<Record<string, string>>;
  /** What is run inside mtans, and becomes the mail server. */
  readonly command: readonly string[];
  /** It is up when something listens at each of these. */
  readonly ports: readonly number[];
  /** Directories that its other users must reach, even below a closed one such as /root. */
  readonly reachable?: readonly string[];
}

/** A running mail server. */
export interface MtaProcess {
  /** Of its first process. */
  readonly pid: number;
  /** What it sees as /run: the place for a socket. */
  readonly runDirectory: string;
  /** The lines of its log so far, and what its processes printed. */
  log(): readonly string[];
  /**
   * The first line of the log that fits, past or future.
   * @throws {Error} with the log, if there is none within `timeoutMs` (default 60 s) or it ended.
   */
  waitForLog(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** Resolves with the exit code or the signal when the first process has ended, whoever ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** SIGTERM; resolves when no process that it started is left and its ports are free. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a mail server from the packages that `fetchPackages` unpacked, and waits until it listens.
 * It dies with this process. Needs root and the right to make namespaces.
 * @throws {Error} with its log, if it does not listen within 120 s; nothing of it is then left.
 */
export async function startMta(options: MtaProcessOptions): Promise<MtaProcess> {
  const instance = resolve(options.instanceDir);
  if (/[:,\\\s]/.test(instance)) {
    throw new RangeError(
      `Cannot mount from ${instance}: blank, comma, colon and \\ are not allowed`,
    );
  }
  for (const [name, text] of Object.entries(options.files)) {
    const path = join(instance, "etc", name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  const [command, args] = dieWithParent(join(import.meta.dirname, "mtans"), [
    ...[options.mta, instance],
    ...options.command,
  ]);
  const child = spawn(command, args, {
    env: {
      ...process.env,
      POSTERN_MTA_CACHE: cacheDirectory(),
      POSTERN_REACHABLE: options.reachable?.join("\n"),
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // some signal their whole process group
  });
  await once(child, "spawn");
  const pid = child.pid ?? -1;
  const log = new LineLog();
  child.stdout.on("data", log.collector());
  child.stderr.on("data", log.collector());
  child.once("close", () => log.end());
  let hasEnded = false;
  const ended = new Promise<number | NodeJS.Signals>((done) => {
    child.once("exit", (code, signal) => {
      hasEnded = true;
      done(code ?? signal ?? 0);
    });
  });

  // All that it starts shares this namespace and no other process does, whatever sessions they make.
  const ours = await mountNamespace("self");
  let its: string | undefined;
  const isUp = async () => {
    if (hasEnded) return true;
    const current = await mountNamespace(pid);
    if (current !== ours) its = current ?? its;
    return allAre(true, options.ports);
  };
  const members = async () => (its === undefined ? [] : await processesOf("mnt", its));
  const known = new Set<number>();
  const isGone = async () => {
    for (const { pid: member } of await members()) known.add(member);
    // One that is about to end has left its namespaces but may be there still.
    const isLeft = (await listProcesses()).some((entry) => known.has(entry.pid));
    return hasEnded && !isLeft;
  };
  const stop = async () => {
    await isGone();
    if (!hasEnded) child.kill("SIGTERM");
    await until(async () => hasEnded, 5_000);
    // A filter may take a second to end when its input does.
    if (!(await until(isGone, 1_500))) {
      if (!hasEnded) child.kill("SIGKILL");
      for (const member of await members()) killIfThere(member.pid);
    }
    await ended;
    await until(isGone, 5_000);
    await until(() => allAre(false, options.ports), 5_000);
  };

  if (!(await until(isUp, 120_000)) || hasEnded) {
    await stop();
    const printed = log.lines.join("\n");
    throw new Error(`Cannot start ${options.mta} on port ${options.ports[0]}: ${printed}`);
  }
  return {
    pid,
    runDirectory: join(instance, "run"),
    log: () => log.lines,
    waitForLog: (pattern, timeoutMs = 60_000) => log.waitFor(pattern, timeoutMs),
    ended,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function until(isDone: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isDone())) {
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

async function allAre(listening: boolean, ports: readonly number[]): Promise<boolean> {
  for (const port of ports) if ((await isListening(port)) !== listening) return false;
  return true;
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended meanwhile
  }
}
