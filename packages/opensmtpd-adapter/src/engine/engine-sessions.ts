import type { Open } from "@postern/smtp-filter";
import type { FromEngine, ToEngine } from "../engine-messages.ts";
import { EngineSession } from "./engine-session.ts";

/** All that an engine does but its process: what the shim says in, what it waits for out. */
export class EngineSessions {
  readonly #open: Open;
  readonly #post: (message: FromEngine) => void;
  readonly #report: (error: unknown) => void;
  readonly #sessions = new Map<number, EngineSession>();

  /** @param report told what the port throws: our bug. */
  constructor(open: Open, post: (message: FromEngine) => void, report: (error: unknown) => void) {
    this.#open = open;
    this.#post = post;
    this.#report = report;
  }

  get size(): number {
    return this.#sessions.size;
  }

  take(message: ToEngine): void {
    switch (message.kind) {
      case "open": {
        const session = new EngineSession(message.client, this.#open, this.#report);
        this.#sessions.set(message.session, session);
        return;
      }
      case "ask":
        void this.#answer(message);
        return;
      case "tell":
        this.#sessions.get(message.session)?.tell(message.fact);
        if (message.fact.kind === "close") this.#sessions.delete(message.session);
        return;
      case "content":
        this.#show(message);
        return;
      default:
        this.#post({ kind: "pong" });
        return;
    }
  }

  /** The shim is gone. */
  closeAll(): void {
    for (const session of this.#sessions.values()) session.close("aborted");
    this.#sessions.clear();
  }

  async #answer({ session, question, ask }: Extract<ToEngine, { kind: "ask" }>): Promise<void> {
    const answer = (await this.#sessions.get(session)?.answer(ask)) ?? { kind: "failed" };
    if (question !== 0) this.#post({ kind: "answer", question, answer });
  }

  #show({ session, message, bytes }: Extract<ToEngine, { kind: "content" }>): void {
    const shown = this.#sessions.get(session)?.content(bytes) ?? true;
    const used = (hasEnough: boolean) =>
      this.#post({ kind: "used", message, bytes: bytes.length, hasEnough });
    if (typeof shown === "boolean") used(shown);
    else void shown.then(used);
  }
}
