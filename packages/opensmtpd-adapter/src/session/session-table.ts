import type { FilterContext } from "./filter-context.ts";
import { Session } from "./session.ts";

/** smtpd closes a silent session after 300 s; one that is silent for an hour, it has forgotten to close. */
const SWEEP_MS = 60_000;
const MAX_IDLE_SWEEPS = 60;
/** Reports and lines of messages come by different ways (6.8, 7.8): a line may come after the end of its session. */
const MAX_CLOSED = 4_096;

/** The sessions of smtpd that are open. */
export class SessionTable {
  readonly #context: FilterContext;
  readonly #sessions = new Map<string, Session>();
  readonly #closed = new Set<string>();
  #isFull = false;
  #isSweeping = false;

  constructor(context: FilterContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#sessions.size;
  }

  sessions(): Iterable<Session> {
    return [...this.#sessions.values()];
  }

  find(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** It was closed a short while ago. */
  isClosed(id: string): boolean {
    return this.#closed.has(id);
  }

  /** A session begins: with an id that was closed before, it is another one. undefined: there are too many. */
  begin(id: string): Session | undefined {
    this.#closed.delete(id);
    return this.open(id);
  }

  /** The session, or a new one. undefined: it is closed, or there are too many. */
  open(id: string): Session | undefined {
    const known = this.#sessions.get(id);
    if (known !== undefined || this.#closed.has(id)) return known;
    const { maxSessions: limit } = this.#context.settings;
    if (this.#sessions.size >= limit) {
      if (!this.#isFull) this.#context.report({ kind: "over-limit", limit });
      this.#isFull = true;
      return undefined;
    }
    const session = new Session(id, this.#context);
    this.#sessions.set(id, session);
    this.#startSweeping();
    return session;
  }

  close(id: string): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#remove(id);
    this.#closed.add(id);
    this.#context.guard(() => session.close("quit"));
    this.#forgetOldest();
  }

  #remove(id: string): void {
    this.#sessions.delete(id);
    this.#isFull = false;
  }

  #forgetOldest(): void {
    if (this.#closed.size <= MAX_CLOSED) return;
    const [oldest] = this.#closed;
    if (oldest !== undefined) this.#closed.delete(oldest);
  }

  #startSweeping(): void {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    this.#context.settings.startTimer(SWEEP_MS, () => this.#context.guard(() => this.#sweep()));
  }

  #sweep(): void {
    this.#isSweeping = false;
    let forgotten = 0;
    for (const [id, session] of [...this.#sessions]) {
      const lines = session.heldLines;
      session.idleSweeps = lines === session.sweptLines ? session.idleSweeps + 1 : 0;
      session.sweptLines = lines;
      if (session.idleSweeps < MAX_IDLE_SWEEPS) continue;
      forgotten += 1;
      // Not as one that was closed: should it speak again after all, it is answered.
      this.#remove(id);
      this.#context.guard(() => session.close("lost"));
    }
    if (forgotten > 0) this.#context.report({ kind: "forgotten", sessions: forgotten });
    if (this.#sessions.size > 0) this.#startSweeping();
  }
}
