import type { FilterEvent } from "./events.ts";
import type { FilterOptions } from "./options.ts";
import { describeError, describeEvent } from "./serve/describe-event.ts";
import { EngineProcess, type EngineProcessOptions } from "./serve/engine-process.ts";
import { Intake } from "./serve/intake.ts";
import { LogLines } from "./serve/log-lines.ts";
import { Outgoing } from "./serve/outgoing.ts";
import { Translator } from "./translate.ts";

export interface ServeFilterOptions extends Omit<FilterOptions, "onEvent"> {
  readonly engine: EngineProcessOptions;
  /** Besides the log on stderr. */
  readonly onEvent?: (event: FilterEvent) => void;
}

/** After the end of stdin, smtpd does not wait for its filters. */
const DRAIN_MS = 900;
/** Log output that smtpd has not read yet. */
const MAX_UNREAD_LOG_BYTES = 65_536;
/** None of them may end the filter: that would end the mail server. */
const IGNORED_SIGNALS = ["SIGTERM", "SIGINT", "SIGUSR1", "SIGUSR2", "SIGPIPE"] as const;

/**
 * Serves as the filter of an smtpd that has started this process: the shim. It owns stdin and stdout, and lives until
 * the end of stdin, then exits with 0; everything that may fail is in the engine, a child process. It is to be called
 * first of all, from a module that imports nothing else: smtpd lets nobody in before we have registered.
 */
export function serveFilter(options: ServeFilterOptions): void {
  const { stdin, stdout, stderr } = process;
  const write = (line: string): void => {
    if (stderr.writableLength < MAX_UNREAD_LOG_BYTES) stderr.write(line);
  };
  stderr.on("error", () => {});
  const log = new LogLines({ write, burst: 50, perSecond: 5 });
  const engineLog = new LogLines({ write, burst: 2_000, perSecond: 500 });
  const announce = (text: string): void => log.log(`postern: ${text}`);

  const outgoing = new Outgoing(stdout, () => translator.drained());
  const engine = new EngineProcess(options.engine, {
    answered(messages) {
      for (const message of messages) translator.answered(message);
      translator.settle();
    },
    lost: () => translator.engineLost(),
    wrote: (line) => engineLog.log(line),
    announce,
  });
  const onEvent = (event: FilterEvent): void => {
    const text = describeEvent(event);
    if (text !== undefined) announce(text);
    options.onEvent?.(event);
  };
  const translator = new Translator({ ...options, onEvent }, outgoing, engine);
  let hasEnded = false;
  const intake = new Intake({
    take: (line) => translator.take(line),
    settle: () => translator.settle(),
    onEmpty() {
      if (hasEnded) void end();
      else stdin.resume();
    },
  });

  const end = async (): Promise<void> => {
    outgoing.close();
    await engine.stop(DRAIN_MS);
    process.exit(0);
  };
  const ended = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    if (intake.isEmpty) void end();
  };
  stdin.on("data", (chunk) => {
    intake.push(chunk);
    if (intake.isFull) stdin.pause();
  });
  stdin.on("end", ended);
  stdin.on("error", ended);

  const failed = (error: unknown): void => {
    announce(`an internal error: ${describeError(error)}`);
    translator.fault(error);
  };
  process.on("uncaughtException", failed);
  process.on("unhandledRejection", failed);
  for (const signal of IGNORED_SIGNALS)
    process.on(signal, () => announce(`${signal} is ignored: only smtpd ends its filters`));
  process.on("SIGHUP", () => engine.reload());
  // What smtpd has said is taken first.
  setImmediate(() => engine.start());
}
