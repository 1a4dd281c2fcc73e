import type { Open } from "@postern/smtp-filter";
import { EngineSessions } from "./engine/engine-sessions.ts";
import { watchParent } from "./engine/watch-parent.ts";
import type { FailureAnswer, FromEngine, ToEngine } from "./engine-messages.ts";

export interface EngineOptions {
  /** What the shim is to say while there is no engine. Default: what the shim was started with. */
  readonly onFailure?: FailureAnswer;
  /** Told what the port throws: our bug. What is written to stderr, the shim puts into smtpd's log. */
  readonly onError?: (error: unknown) => void;
}

/** The engine in its process. */
export interface EngineServer {
  /** Changes what the shim is to say while there is no engine: after a reload. */
  configure(options: Pick<EngineOptions, "onFailure">): void;
  /** Resolves when the shim is gone, or wants the end: within a second of that the process is gone. */
  readonly ended: Promise<void>;
}

/**
 * Serves as the engine of a shim, which has started this process (`serveFilter`). SIGTERM and SIGINT do not end it, as
 * smtpd is stopped first; SIGHUP, which the shim passes on, is the caller's.
 *
 * @throws {Error} if no shim has started this process.
 */
export function serveEngine(open: Open, options: EngineOptions = {}): EngineServer {
  const send = process.send?.bind(process);
  if (send === undefined) throw new Error("Cannot serve as an engine: no shim has started this");
  let unsent: FromEngine[] = [];
  const flush = (): void => {
    const messages = unsent;
    unsent = [];
    // Where the channel is closed, "disconnect" follows.
    if (process.connected) send(messages, undefined, undefined, () => {});
  };
  const post = (message: FromEngine): void => {
    // Answers of one turn leave together.
    if (unsent.push(message) === 1) setImmediate(flush);
  };
  const { onError = () => {} } = options;
  const sessions = new EngineSessions(open, post, onError);
  for (const signal of ["SIGTERM", "SIGINT", "SIGUSR1"] as const) process.on(signal, () => {});
  process.on("message", (messages) => {
    for (const message of messages as readonly ToEngine[]) sessions.take(message);
  });
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      sessions.closeAll();
      resolve();
    };
    // A shim that was gone while we loaded has said so when nobody listened.
    if (process.connected) process.once("disconnect", end);
    else end();
  });
  const configure = ({ onFailure }: Pick<EngineOptions, "onFailure">): void =>
    post({ kind: "ready", onFailure: onFailure ?? null });
  configure(options);
  watchParent(onError);
  return { configure, ended };
}
