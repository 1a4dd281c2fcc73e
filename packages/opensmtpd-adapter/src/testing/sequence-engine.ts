import { EngineSessions } from "../engine/engine-sessions.ts";
import type { FromEngine, ToEngine } from "../engine-messages.ts";
import type { EngineLink } from "../session/filter-context.ts";
import type { WatchedPort } from "./watched-port.ts";

/** An engine in this process that dies, freezes and starts again as it is told. */
export class SequenceEngine implements EngineLink {
  generation = 1;
  isFrozen = false;
  crashes = 0;
  readonly #port: WatchedPort;
  readonly #answered: (message: FromEngine) => void;
  #sessions: EngineSessions;
  #queue: ToEngine[] = [];
  #starts = 1;

  constructor(port: WatchedPort, answered: (message: FromEngine) => void) {
    this.#port = port;
    this.#answered = answered;
    this.#sessions = this.#open();
  }

  send(message: ToEngine): void {
    this.#queue.push(message);
  }

  /** Takes what was sent; whether there was anything. */
  turn(): boolean {
    if (this.isFrozen || this.#queue.length === 0) return false;
    for (const message of this.#queue.splice(0)) this.#sessions.take(message);
    return true;
  }

  /** Dies with what was on its way. */
  crash(): void {
    this.crashes += 1;
    this.generation = 0;
    this.#queue = [];
    this.#sessions = this.#open();
  }

  start(): void {
    this.#starts += 1;
    this.generation = this.#starts;
    this.isFrozen = false;
  }

  #open(): EngineSessions {
    const sessions: EngineSessions = new EngineSessions(
      this.#port.open,
      (message) => {
        if (sessions === this.#sessions && this.generation !== 0) this.#answered(message);
      },
      () => {},
    );
    return sessions;
  }
}
