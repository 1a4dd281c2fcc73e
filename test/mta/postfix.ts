import { spawn } from "node:child_process";
import { mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheDirectory } from "./cache-directory.ts";
import { dieWithParent } from "./die-with-parent.ts";
import type { NameSource } from "./name-files.ts";
import { postfixFiles } from "./postfix-files.ts";
import { isListening, sessionMembers } from "./processes.ts";

/** One Postfix of its own. */
export interface PostfixOptions {
  /** An empty directory: its configuration, queue, log and /run. Without blank, comma and colon. */
  readonly instanceDir: string;
  /** It listens on 127.0.0.1 at this port, and on ::1 when `ipv6`. */
  readonly port: number;
  /** Mail for example.org, .net and .com goes to 127.0.0.1 at this port. */
  readonly sinkPort: number;
  /** smtpd_milters, such as `inet:127.0.0.1:8891` or `unix:/run/x.sock` (that is instanceDir/run/x.sock). */
  readonly milters?: string;
  /** When the milter does not answer. Default: tempfail. */
  readonly milterDefaultAction?: "accept" | "reject" | "tempfail" | "quarantine";
  /** Defaults: 5, 10 and 20. */
  readonly milterTimeouts?: {
    readonly connectSeconds?: number;
    readonly commandSeconds?: number;
    readonly contentSeconds?: number;
  };
  /** A second listener, with milter_macro_daemon_name=ORIGINATING. */
  readonly submissionPort?: number;
  /** main.cf settings that differ from those of postfix-files.ts. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Settings of the second listener alone. */
  readonly submissionSettings?: Readonly<Record<string, string>>;
  /** Whether smtpd lives in the queue directory, as on Debian: that column of master.cf. Default: n. */
  readonly chroot?: "y" | "n";
  /** Default: IPv4 only. */
  readonly ipv6?: boolean;
  readonly dns: NameSource;
  /** Lines of its /etc/hosts beside localhost, such as `192.0.2.1 mail.example.com`. */
  readonly hosts?: readonly string[];
}

/** A running Postfix. */
export interface Postfix {
  /** Of the master. */
  readonly pid: number;
  /** What Postfix sees as /run: the place for a milter's socket. */
  readonly runDirectory: string;
  /** The mail log so far. Postfix writes it late: poll, or use `waitForLog`. */
  log(): Promise<string>;
  /**
   * The first line of the log that fits.
   * @throws {Error} with the log, if there is none within `timeoutMs` (default 60 s).
   */
  waitForLog(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** SIGTERM; resolves when no process of it is left and its ports are free. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const here = import.meta.dirname;

/**
 * Starts a Postfix from the packages that `fetchPackages` unpacked, and waits until it listens. Needs
 * root and the right to make namespaces. XCLIENT is allowed from 127.0.0.0/8 and ::1.
 * @throws {Error} with its output and log, if it does not listen within 120 s.
 */
export async function startPostfix(options: PostfixOptions): Promise<Postfix> {
  const instance = resolve(options.instanceDir);
  if (/[:,\\\s]/.test(instance)) {
    throw new RangeError(
      `Cannot mount from ${instance}: blank, comma, colon and \\ are not allowed`,
    );
  }
  const past = Date.now() / 1000 - 60;
  for (const [name, text] of Object.entries(postfixFiles(options))) {
    const path = join(instance, "etc", name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    // Postfix waits until a file it reads has been left alone for two seconds.
    await utimes(path, past, past);
  }
  await mkdir(join(instance, "var/spool/postfix"), { recursive: true });

  const [command, args] = dieWithParent(join(here, "mtans"), [
    ...["postfix", instance],
    join(here, "start-postfix"),
  ]);
  const child = spawn(command, args, {
    env: { ...process.env, POSTERN_MTA_CACHE: cacheDirectory() },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // the master signals its whole process group
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  let hasEnded = false;
  const ended = new Promise<void>((done) => {
    child.once("error", (error) => {
      output.push(Buffer.from(`${error.message}\n`));
      hasEnded = true;
      done();
    });
    child.once("exit", () => {
      hasEnded = true;
      done();
    });
  });
  const pid = child.pid ?? -1;
  const ports = [options.port, ...(options.submissionPort ? [options.submissionPort] : [])];

  const log = () => readFile(join(instance, "var/log/postfix.log"), "utf8").catch(() => "");
  const stop = async () => {
    if (!hasEnded) child.kill("SIGTERM");
    await until(async () => hasEnded, 5_000);
    // The master passed SIGTERM on. A child that it was just starting sleeps a second before it goes.
    const isOver = async () => hasEnded && (await sessionMembers(pid)).length === 0;
    if (!(await until(isOver, 300))) {
      for (const member of await sessionMembers(pid)) killIfThere(member);
      await until(isOver, 5_000);
    }
    await ended;
    await until(async () => !(await anyOf(ports, isListening)), 5_000);
  };

  const isUp = async () => hasEnded || (await allOf(ports, isListening));
  if (!(await until(isUp, 120_000)) || hasEnded) {
    await stop();
    const printed = Buffer.concat(output).toString("utf8");
    throw new Error(`Cannot start Postfix on port ${options.port}: ${printed}\n${await log()}`);
  }
  return {
    pid,
    runDirectory: join(instance, "run"),
    log,
    waitForLog: async (pattern, timeoutMs = 60_000) => {
      let line: string | undefined;
      await until(async () => {
        line = (await log()).split("\n").find((text) => pattern.test(text));
        return line !== undefined;
      }, timeoutMs);
      if (line === undefined) throw new Error(`Cannot find ${pattern} in the log:\n${await log()}`);
      return line;
    },
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

async function allOf(ports: readonly number[], isTrue: (port: number) => Promise<boolean>) {
  for (const port of ports) if (!(await isTrue(port))) return false;
  return true;
}

async function anyOf(ports: readonly number[], isTrue: (port: number) => Promise<boolean>) {
  for (const port of ports) if (await isTrue(port)) return true;
  return false;
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended meanwhile
  }
}
