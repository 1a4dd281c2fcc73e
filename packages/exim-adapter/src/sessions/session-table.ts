import type { Clock } from "@postern/smtp-filter";
import type { ByteAccount, Hold } from "@postern/smtp-filter/serve";
import type { SmtpSession } from "./smtp-session.ts";

const SWEEP_MS = 60_000;

/** A session held exclusively by the caller, who releases it exactly once by one of these. */
export interface Lease {
  readonly session: SmtpSession;
  /** Nobody has asked about it before. */
  readonly isNew: boolean;
  /** It goes on. */
  release(): void;
  /** It is over: the next request about it begins anew. */
  drop(why: "quit" | "aborted"): void;
}

interface Entry {
  readonly key: string;
  session: SmtpSession | undefined;
  /** Resolves when the last of those who wait has given it back. */
  last: Promise<void>;
  users: number;
  idleSinceMs: number;
  readonly hold: Hold;
}

export interface TableOptions {
  readonly maxSessions: number;
  /** Counts what they hold: the one that holds the most is forgotten where that is too much. */
  readonly account: ByteAccount;
  readonly sessionIdleMs: number;
  readonly clock: Clock;
  readonly create: () => SmtpSession;
  /** Told of what the port throws at a close. */
  readonly onError: (error: unknown) => void;
}

/** Remembers SMTP sessions between the requests about them; those of one session are handled one after the other. */
export class SessionTable {
  readonly #options: TableOptions;
  readonly #entries = new Map<string, Entry>();
  /** Those that nobody uses, the one that is idle the longest first. */
  readonly #idle = new Map<string, Entry>();
  #stopSweep: (() => void) | undefined;
  evicted = 0;
  expired = 0;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** The session of this key, as soon as it is free. */
  async lease(key: string): Promise<Lease> {
    const entry = this.#entries.get(key) ?? this.#add(key);
    this.#idle.delete(key);
    entry.users += 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = entry.last;
    entry.last = promise;
    await before;
    const isNew = entry.session === undefined;
    const session = entry.session ?? this.#options.create();
    entry.session = session;
    return {
      session,
      isNew,
      release: () => this.#giveBack(entry, resolve),
      drop: (why) => {
        entry.session = undefined;
        this.#close(session, why);
        this.#giveBack(entry, resolve);
      },
    };
  }

  /** A session that is not remembered. */
  once(): Lease {
    const session = this.#options.create();
    return {
      session,
      isNew: true,
      release: () => this.#close(session, "quit"),
      drop: (why) => this.#close(session, why),
    };
  }

  /** Nothing will be asked any more. */
  close(): void {
    this.#stopSweep?.();
    this.#stopSweep = undefined;
    for (const entry of this.#entries.values()) {
      entry.hold.close();
      if (entry.session !== undefined) this.#close(entry.session, "aborted");
    }
    this.#entries.clear();
    this.#idle.clear();
  }

  #add(key: string): Entry {
    while (this.#entries.size >= this.#options.maxSessions) {
      const [oldest] = this.#idle.values();
      if (oldest === undefined) break;
      this.evicted += 1;
      this.#forget(oldest);
    }
    const entry: Entry = {
      key,
      session: undefined,
      last: Promise.resolve(),
      users: 0,
      idleSinceMs: 0,
      hold: this.#options.account.open(() => {
        this.evicted += 1;
        if (entry.users === 0) this.#forget(entry);
        // Whoever uses it, or waits for it, is still answered.
        else this.#remove(entry);
      }),
    };
    this.#entries.set(key, entry);
    this.#stopSweep ??= this.#startSweep();
    return entry;
  }

  #giveBack(entry: Entry, next: () => void): void {
    entry.users -= 1;
    entry.idleSinceMs = this.#options.clock.nowMs();
    const { session } = entry;
    if (entry.users === 0 && this.#entries.get(entry.key) !== entry) {
      if (session !== undefined) this.#close(session, "lost");
    } else if (entry.users === 0) {
      if (entry.session === undefined) this.#remove(entry);
      else this.#idle.set(entry.key, entry);
    }
    // This may be its end.
    entry.hold.set(entry.session?.heldBytes ?? 0);
    next();
  }

  #forget(entry: Entry): void {
    this.#remove(entry);
    if (entry.session !== undefined) this.#close(entry.session, "lost");
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#idle.delete(entry.key);
    entry.hold.close();
  }

  #close(session: SmtpSession, why: "quit" | "lost" | "aborted"): void {
    try {
      session.close(why);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #startSweep(): () => void {
    return this.#options.clock.after(SWEEP_MS, () => {
      const before = this.#options.clock.nowMs() - this.#options.sessionIdleMs;
      for (const entry of this.#idle.values()) {
        if (entry.idleSinceMs > before) break;
        this.expired += 1;
        this.#forget(entry);
      }
      this.#stopSweep = this.#entries.size > 0 ? this.#startSweep() : undefined;
    });
  }
}
