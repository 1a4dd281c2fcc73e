import { type ChildProcess, fork } from "node:child_process";
import type { FromEngine, ToEngine } from "../engine-messages.ts";
import type { EngineLink } from "../session/filter-context.ts";
import { type StartTimer, startTimer } from "../timers.ts";
import { Heartbeat } from "./heartbeat.ts";
import { TextLines } from "./text-lines.ts";

/** The first restart is almost immediate; repeated failures back off to 30 s. */
const MIN_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 30_000;
/** An engine that has run this long resets the backoff. */
const LONG_LIFE_MS = 60_000;
/** Loading modules is slow on a busy machine. */
const START_MS = 30_000;
const LAST_WORDS_MS = 1_000;

export interface EngineProcessOptions {
  /** A module that calls `serveEngine`. */
  readonly modulePath: string | URL;
  readonly arguments?: readonly string[];
  /** Flags of node: `--max-old-space-size=...`. Default those of this process. */
  readonly execArguments?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** An engine that has said nothing for so long is killed. Default 10,000. */
  readonly hangMs?: number;
  readonly startTimer?: StartTimer;
}

export interface EngineListener {
  /** What has come up in one turn of it. */
  answered(messages: readonly FromEngine[]): void;
  /** What was asked will not be answered. */
  lost(): void;
  /** What the engine writes to stdout and stderr. */
  wrote(line: string): void;
  /** Something an operator should know. */
  announce(text: string): void;
}

/** The engine in a process of its own: started again when it ends, killed when it hangs. */
export class EngineProcess implements EngineLink {
  generation = 0;
  readonly #options: EngineProcessOptions;
  readonly #listener: EngineListener;
  readonly #startTimer: StartTimer;
  #child: ChildProcess | undefined;
  #starts = 0;
  #backoffMs = MIN_BACKOFF_MS;
  #unsent: ToEngine[] = [];
  #isReady = false;
  #mustReload = false;
  #heartbeat: Heartbeat | undefined;
  #stopLongLife: () => void = () => {};
  #isStopped = false;
  /** Given up, but the process is still running: it may still log why it is exiting. */
  readonly #dying = new Set<ChildProcess>();

  constructor(options: EngineProcessOptions, listener: EngineListener) {
    this.#options = options;
    this.#listener = listener;
    this.#startTimer = options.startTimer ?? startTimer;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    if (this.#isStopped) return;
    this.#starts += 1;
    try {
      this.#watch(this.#fork());
    } catch (error) {
      this.#listener.announce(`the engine cannot be started: ${String(error)}`);
      this.#restartLater();
    }
  }

  /** All of one turn leaves together. */
  send(message: ToEngine): void {
    if (this.#unsent.push(message) === 1) setImmediate(this.#flush);
  }

  /** Sends SIGHUP to the engine, to reload its configuration; an engine that is starting gets it once it is ready. */
  reload(): void {
    if (this.#isReady) this.#child?.kill("SIGHUP");
    else this.#mustReload = true;
  }

  /** Lets it end by itself, within the time. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopped = true;
    for (const dying of this.#dying) dying.kill("SIGKILL");
    const child = this.#child;
    this.#leave();
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    child.once("exit", () => resolve());
    const cancel = this.#startTimer(deadlineMs, () => child.kill("SIGKILL"));
    if (child.connected) child.disconnect();
    await promise;
    cancel();
  }

  #fork(): ChildProcess {
    const { modulePath, environment, execArguments } = this.#options;
    return fork(modulePath, this.#options.arguments ?? [], {
      serialization: "advanced",
      // stdout is smtpd's: a line of the engine's on it would end the mail server.
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      ...(environment === undefined ? {} : { env: environment }),
      ...(execArguments === undefined ? {} : { execArgv: [...execArguments] }),
    });
  }

  #watch(child: ChildProcess): void {
    this.#child = child;
    this.generation = this.#starts;
    this.#isReady = false;
    this.#mustReload = false;
    child.on("message", (messages) => this.#heard(child, messages as readonly FromEngine[]));
    child.on("error", (error) => this.#lost(child, String(error)));
    child.on("disconnect", () => this.#lost(child, "it cannot be reached"));
    child.on("exit", (code, signal) => {
      this.#lost(child, "it has ended");
      this.#dying.delete(child);
      if (!this.#isStopped) this.#listener.announce(`the engine ended: exit ${code ?? signal}`);
    });
    for (const stream of [child.stdout, child.stderr]) {
      const lines = new TextLines((line) => this.#listener.wrote(line));
      stream?.on("data", (chunk) => lines.push(chunk));
      stream?.on("end", () => lines.end());
      stream?.on("error", () => {});
    }
    this.#stopLongLife = this.#startTimer(LONG_LIFE_MS, () => {
      this.#backoffMs = MIN_BACKOFF_MS;
    });
    this.#heartbeat = new Heartbeat({
      limitMs: this.#options.hangMs ?? 10_000,
      startMs: START_MS,
      startTimer: this.#startTimer,
      ask: () => this.send({ kind: "ping" }),
      onSilence: (limitMs) => {
        child.kill("SIGKILL");
        this.#lost(child, `no sign of life for ${limitMs} ms`);
      },
    });
  }

  #heard(child: ChildProcess, messages: readonly FromEngine[]): void {
    if (child !== this.#child) return;
    this.#heartbeat?.heard();
    this.#isReady ||= messages.some(({ kind }) => kind === "ready");
    if (this.#isReady && this.#mustReload) {
      this.#mustReload = false;
      child.kill("SIGHUP");
    }
    this.#listener.answered(messages);
  }

  #lost(child: ChildProcess, why: string): void {
    if (child !== this.#child) return;
    this.#dying.add(child);
    this.#startTimer(LAST_WORDS_MS, () => child.kill("SIGKILL"));
    this.#leave();
    if (this.#isStopped) return;
    this.#listener.announce(`the engine is gone (${why}), mail goes on without it`);
    this.#listener.lost();
    this.#restartLater();
  }

  #leave(): void {
    this.generation = 0;
    this.#child = undefined;
    this.#isReady = false;
    this.#unsent = [];
    this.#heartbeat?.stop();
    this.#stopLongLife();
  }

  #restartLater(): void {
    const delayMs = this.#backoffMs;
    this.#backoffMs = Math.min(MAX_BACKOFF_MS, 2 * delayMs);
    this.#startTimer(delayMs, () => this.start());
  }

  readonly #flush = (): void => {
    const messages = this.#unsent;
    this.#unsent = [];
    const child = this.#child;
    // A failure to send is the end of the engine, which comes as an event of its own.
    if (child?.connected === true && messages.length > 0) child.send(messages, () => {});
  };
}
