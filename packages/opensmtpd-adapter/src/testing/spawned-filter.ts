import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineProcessOptions } from "../serve/engine-process.ts";
import type { ServeFilterOptions } from "../serve.ts";
import { StrictSmtpd } from "./strict-smtpd.ts";

const MAIN = new URL("./shim-main.ts", import.meta.url);

/** Options of a filter whose engine is that of the tests. */
export interface SpawnOptions extends Omit<ServeFilterOptions, "engine"> {
  readonly engine?: Partial<EngineProcessOptions>;
  /** What smtpd says that it is. Default 7.8.0. */
  readonly release?: string;
  /** Another filter than that of the tests: the words after `node`. */
  readonly program?: readonly string[];
}

/** The filter in processes of its own, started as smtpd starts it, with a strict smtpd before it. */
export class SpawnedFilter implements AsyncDisposable {
  readonly smtpd: StrictSmtpd;
  readonly child: ChildProcess;
  /** Lines that the filter has written, and when. */
  readonly out: { readonly line: string; readonly atMs: number }[] = [];
  /** What smtpd would have put into its log. */
  readonly log: string[] = [];
  readonly exited: Promise<number | null>;
  readonly #toFilter: NodeJS.WritableStream;
  #fatal: unknown;
  #wake: () => void = () => {};

  /** @param socket both ways in one, as smtpd has it; else two pipes. */
  constructor(
    { release = "7.8.0", program, ...options }: SpawnOptions,
    socket?: { ours: Socket; theirs: Socket },
  ) {
    this.smtpd = new StrictSmtpd(release);
    // Not with the flags of this process: those of a test runner write reports at signals.
    const words = program ?? [MAIN.pathname, JSON.stringify(options)];
    const file = ["--conditions=source", ...words];
    const stdio = socket === undefined ? ("pipe" as const) : socket.theirs;
    this.child = spawn(process.execPath, file, { stdio: [stdio, stdio, "pipe"] });
    const { stdin, stdout, stderr } = this.child;
    const toFilter = socket?.ours ?? stdin;
    const fromFilter = socket?.ours ?? stdout;
    if (toFilter === null || fromFilter === null || stderr === null)
      throw new TypeError("Cannot spawn the filter: no pipes");
    this.#toFilter = toFilter;
    toFilter.on("error", () => {});
    readLines(fromFilter, (line) => this.#heard(line));
    readLines(stderr, (line) => {
      this.log.push(line);
      this.#wake();
    });
    this.exited = once(this.child, "exit").then(([code]) => {
      this.#wake();
      return code as number | null;
    });
    this.write(`config|smtpd-version|${release}\nconfig|subsystem|smtp-in\nconfig|ready\n`);
  }

  /** With stdin and stdout on one socket. */
  static async onSocket(options: SpawnOptions = {}): Promise<SpawnedFilter> {
    const server = createServer();
    const path = join(tmpdir(), `postern-test-${process.pid}-${Date.now()}.sock`);
    server.listen(path);
    await once(server, "listening");
    const ours = connect(path);
    const [theirs] = (await once(server, "connection")) as [Socket];
    server.close();
    const filter = new SpawnedFilter(options, { ours, theirs });
    theirs.destroy();
    return filter;
  }

  say(...lines: readonly (string | readonly string[])[]): void {
    const all = lines.flat();
    for (const line of all) this.smtpd.told(line);
    this.write(all.map((line) => `${line}\n`).join(""));
  }

  /** Says lines one by one, each when what is due before it is there. */
  async converse(...lines: readonly (string | readonly string[])[]): Promise<void> {
    for (const line of lines.flat()) {
      this.say(line);
      if (line.startsWith("filter|")) await this.until(() => this.smtpd.owed().length === 0);
    }
  }

  write(text: string | Buffer): boolean {
    return typeof text === "string"
      ? this.#toFilter.write(text, "latin1")
      : this.#toFilter.write(text);
  }

  /** The end of stdin. */
  close(): void {
    this.#toFilter.end();
  }

  /** Waits until it is so; fails after a while. */
  async until(isSo: () => boolean, deadlineMs = 20_000): Promise<void> {
    const until = performance.now() + deadlineMs;
    while (!isSo()) {
      if (this.#fatal !== undefined) throw this.#fatal;
      if (performance.now() > until) throw new Error(`never so: ${isSo}; ${this.log.join("; ")}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 50);
      });
    }
    if (this.#fatal !== undefined) throw this.#fatal;
  }

  /** The pid of the engine that came last. */
  async enginePid(count = 1): Promise<number> {
    const pids = () =>
      this.log.flatMap((line) => /engine (\d+) is here/.exec(line)?.slice(1) ?? []);
    await this.until(() => pids().length >= count);
    return Number(pids().at(-1));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    return this.exited.then(() => {});
  }

  #heard(line: string): void {
    this.out.push({ line, atMs: performance.now() });
    try {
      this.smtpd.heard(line);
    } catch (error) {
      this.#fatal ??= error;
    }
    this.#wake();
  }
}

function readLines(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  });
  stream.on("error", () => {});
}
